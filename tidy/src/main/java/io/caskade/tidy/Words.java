package io.caskade.tidy;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Splits identifiers into lower-case words.
final class Words {

    private static final Pattern BOUNDARY =
            Pattern.compile("_+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])");

    private Words() {}

    /// The words of an identifier in camel or snake case: `highWatermark` and `HIGH_WATERMARK` are two each.
    static List<String> of(String identifier) {
        List<String> words = Stream.of(BOUNDARY.split(identifier))
                .filter(word -> !word.isEmpty())
                .map(word -> word.toLowerCase(Locale.ROOT))
                .toList();
        return words.isEmpty() ? List.of(identifier) : words;
    }
}
