package io.caskade.cli.command;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// How current a read of the shell is, as its user names it. The context of a causal one is the shell's own.
public enum ReadLevel {
    LINEARIZABLE,
    CAUSAL,
    EVENTUAL;

    /// The level with that name, in any case.
    ///
    /// @throws UsageException when there is none; the message lists the names
    public static ReadLevel parse(String text) throws UsageException {
        return Arrays.stream(values())
                .filter(level -> level.word().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new UsageException("a read is "
                        + Arrays.stream(values()).map(ReadLevel::word).collect(Collectors.joining(", "))
                        + ", not " + text));
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
