package io.caskade.server.listener.http;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Times to live as Go writes durations: `300ms`, `1.5h`, `1h30m`. Pure.
final class GoDuration {

    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
    private static final int MAX_LENGTH = 64;
    private static final Map<String, BigDecimal> UNIT_MILLIS = Map.of(
            "ns", new BigDecimal("0.000001"),
            "us", new BigDecimal("0.001"),
            "µs", new BigDecimal("0.001"),
            "μs", new BigDecimal("0.001"),
            "ms", BigDecimal.ONE,
            "s", new BigDecimal(1_000),
            "m", new BigDecimal(60_000),
            "h", new BigDecimal(3_600_000));

    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;

    private GoDuration() {}

    /// The milliseconds of a duration, at least 1; a fraction of one is rounded up.
    ///
    /// @throws HttpFailure when the text is no duration, or one that is not positive or too long
    static long parseTtl(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw invalid(text);
        }
        BigDecimal millis = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        int end = 0;
        while (end < text.length()) {
            if (!part.find(end) || part.start() != end) {
                throw invalid(text);
            }
            millis = millis.add(new BigDecimal(part.group(1)).multiply(UNIT_MILLIS.get(part.group(2))));
            end = part.end();
        }
        BigDecimal whole = millis.setScale(0, RoundingMode.CEILING);
        if (whole.signum() <= 0 || whole.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw HttpFailure.invalid("invalid TTL: \"" + text + "\"; expected from 1ms to 2562047788015h");
        }
        return whole.longValueExact();
    }

    private static HttpFailure invalid(String text) {
        String shown = text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + "…" : text;
        return HttpFailure.invalid(
                "invalid TTL format: \"" + shown + "\"; expected a duration such as 300ms, 5s, 1.5h or 1h30m");
    }

    /// A duration as Go prints it: `300ms`, `1.5s`, `1m30s`, `1h0m0s`.
    static String format(long millis) {
        if (millis == 0) {
            return "0s";
        }
        if (millis < SECOND) {
            return millis + "ms";
        }
        String hours = millis >= HOUR ? millis / HOUR + "h" : "";
        String minutes = millis >= MINUTE ? millis % HOUR / MINUTE + "m" : "";
        return hours + minutes
                + BigDecimal.valueOf(millis % MINUTE, 3).stripTrailingZeros().toPlainString() + "s";
    }
}
