package io.caskade.server.listener.http;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// The time as the Date header field has it. Formats it once a second. Thread-safe.
final class HttpDate {

    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private record Formatted(long second, String text) {}

    private final InstantSource clock;
    private volatile Formatted newest = new Formatted(0, FORMAT.format(Instant.EPOCH));

    HttpDate(InstantSource clock) {
        this.clock = clock;
    }

    String now() {
        long second = clock.instant().getEpochSecond();
        Formatted known = newest;
        if (known.second() != second) {
            known = new Formatted(second, FORMAT.format(Instant.ofEpochSecond(second)));
            newest = known;
        }
        return known.text();
    }
}
