package io.caskade.bench.cluster;

import io.caskade.settings.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads durations as the settings write them: `500ms`, `5s`, `2m`.
final class DurationOption implements ITypeConverter<Duration> {

    @Override
    public Duration convert(String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("expected a duration such as 500ms or 5s, found " + text);
        }
    }
}
