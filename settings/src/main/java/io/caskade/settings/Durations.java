package io.caskade.settings;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a duration is written: a whole number and a unit, `500ms`, `5s`, `2m`, `1h`.
public final class Durations {

    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})(ms|s|m|h)");
    private static final List<Unit> LARGEST_FIRST = List.of(
            new Unit("h", Duration.ofHours(1).toMillis()),
            new Unit("m", Duration.ofMinutes(1).toMillis()),
            new Unit("s", Duration.ofSeconds(1).toMillis()),
            new Unit("ms", 1));

    private Durations() {}

    private record Unit(String symbol, long millis) {}

    /// The duration that `text` names.
    ///
    /// @throws IllegalArgumentException when it is anything else than a whole number and a unit, or more than
    /// 2^63 - 1 milliseconds
    public static Duration parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a duration: " + text);
        }
        String symbol = matcher.group(2);
        Unit unit = LARGEST_FIRST.stream()
                .filter(candidate -> candidate.symbol.equals(symbol))
                .findFirst()
                .orElseThrow();
        try {
            return Duration.ofMillis(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit.millis));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("too long a duration: " + text, e);
        }
    }

    /// The duration in the largest unit that needs no fraction, as [#parse(String)] reads it; what is below a
    /// millisecond is dropped.
    public static String format(Duration duration) {
        long millis = duration.toMillis();
        return LARGEST_FIRST.stream()
                .filter(unit -> millis != 0 && millis % unit.millis == 0)
                .findFirst()
                .map(unit -> millis / unit.millis + unit.symbol)
                .orElse("0s");
    }
}
