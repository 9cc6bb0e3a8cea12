package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How many files this process may have open, where Linux tells it (`ulimit -n`).
public final class OpenFileLimit {

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Pattern OPEN_FILES = Pattern.compile("Max open files\\s+(\\d+)\\s.*");

    /// Read before the limit is reached, when no file can be opened any more.
    private static final OptionalLong OF_PROCESS = read(LIMITS);

    private OpenFileLimit() {}

    /// The limit of this process as it began; nothing when it has none or does not know it.
    public static OptionalLong ofProcess() {
        return OF_PROCESS;
    }

    private static OptionalLong read(Path limits) {
        if (!Files.isReadable(limits)) {
            return OptionalLong.empty();
        }
        try {
            return parse(Files.readAllLines(limits));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    static OptionalLong parse(List<String> limits) {
        return limits.stream()
                .map(OPEN_FILES::matcher)
                .filter(Matcher::matches)
                .mapToLong(limit -> Long.parseLong(limit.group(1)))
                .findFirst();
    }
}
