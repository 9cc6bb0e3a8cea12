package io.caskade.server.listener.redis.command;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/// The decimal numbers of `INCRBYFLOAT`.
final class Decimals {

    /// Redis keeps so many places.
    private static final int PLACES = 17;

    private static final int MAX_TEXT = 5 * 1024 - 1;

    /// The largest and smallest exponents of the numbers that Redis computes with.
    private static final int MAX_EXPONENT = 4932;

    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,6})?");
    private static final Pattern INFINITY = Pattern.compile("[+-]?inf(inity)?", Pattern.CASE_INSENSITIVE);

    private Decimals() {}

    /// Reads a number.
    ///
    /// @throws RedisError when it is none, or too large or small to compute with
    static BigDecimal parse(byte[] argument) {
        String text = Arguments.latin1(argument);
        if (INFINITY.matcher(text).matches()) {
            throw new RedisError("ERR increment would produce NaN or Infinity");
        }
        if (text.length() > MAX_TEXT || !NUMBER.matcher(text).matches()) {
            throw new RedisError("ERR value is not a valid float");
        }
        BigDecimal number = new BigDecimal(text);
        long exponent = (long) number.precision() - number.scale();
        if (number.signum() != 0 && Math.abs(exponent) > MAX_EXPONENT) {
            throw new RedisError("ERR value is not a valid float");
        }
        return number.signum() == 0 ? BigDecimal.ZERO : number;
    }

    /// Writes a number without an exponent, and without zeros at its end.
    static String format(BigDecimal number) {
        BigDecimal rounded = number.setScale(PLACES, RoundingMode.HALF_EVEN).stripTrailingZeros();
        return rounded.signum() == 0 ? "0" : rounded.toPlainString();
    }
}
