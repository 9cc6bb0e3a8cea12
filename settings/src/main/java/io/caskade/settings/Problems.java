package io.caskade.settings;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/// The mistakes found so far in one loading; not thread-safe.
final class Problems {

    private static final int AFTER_THE_FILE = Integer.MAX_VALUE;

    private final String file;
    private final List<Problem> found = new ArrayList<>();

    private record Problem(int line, String text) {}

    Problems(String file) {
        this.file = file;
    }

    void addInFile(int line, String path, String reason) {
        found.add(new Problem(line, file + ":" + line + ": " + path + ": " + reason));
    }

    void addInEnvironment(String variable, String reason) {
        found.add(new Problem(AFTER_THE_FILE, "environment variable " + variable + ": " + reason));
    }

    /// A mistake about a setting that was not given.
    void addInDefaults(String path, String reason) {
        found.add(new Problem(AFTER_THE_FILE, (file.isEmpty() ? "" : file + ": ") + path + ": " + reason));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    SettingsException toException() {
        return new SettingsException(found.stream()
                .sorted(Comparator.comparingInt(Problem::line))
                .map(Problem::text)
                .collect(Collectors.joining("\n")));
    }
}
