package io.caskade.cli.migration;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/// How far a migration is, and what it has counted: what a file needs to have for another process to go on. For
/// one thread.
final class MigrationState {

    /// What a migration does at the moment.
    enum Phase {
        COPY,
        VERIFY,
        DONE
    }

    private static final String SKIPPED = "skipped.";

    private Phase phase = Phase.COPY;
    private String cursor;

    /// Of whole pages; what is counted in the page at the cursor comes twice if it is read again.
    private final Map<Count, Long> counts = new TreeMap<>();

    private final Map<String, Long> skipped = new TreeMap<>();
    private final Map<Count, Long> countsOfPage = new TreeMap<>();
    private final Map<String, Long> skippedOfPage = new TreeMap<>();

    /// What is counted.
    enum Count {
        /// Keys that the source listed in this phase.
        LISTED,
        /// Records that were written.
        COPIED,
        /// Of those, the ones with an expiry.
        EXPIRING,
        /// Keys that expired, or were removed, between being listed and being read or written.
        GONE,
        /// Records that were compared.
        VERIFIED,
        /// Of those, the ones that differ.
        DIFFERENT
    }

    MigrationState(String cursor) {
        this.cursor = cursor;
    }

    Phase phase() {
        return phase;
    }

    String cursor() {
        return cursor;
    }

    /// The page at the cursor is done.
    void moveTo(String next) {
        cursor = next;
        addPage();
    }

    /// The last page of a phase is done.
    void begin(Phase next, String start) {
        moveTo(start);
        phase = next;
        counts.remove(Count.LISTED);
    }

    private void addPage() {
        countsOfPage.forEach((count, more) -> counts.merge(count, more, Long::sum));
        skippedOfPage.forEach((kind, more) -> skipped.merge(kind, more, Long::sum));
        countsOfPage.clear();
        skippedOfPage.clear();
    }

    void add(Count what, long more) {
        countsOfPage.merge(what, more, Long::sum);
    }

    void addSkipped(String kind) {
        skippedOfPage.merge(kind, 1L, Long::sum);
    }

    /// With the page at the cursor, as far as it is done.
    long count(Count what) {
        return counts.getOrDefault(what, 0L) + countsOfPage.getOrDefault(what, 0L);
    }

    /// How many keys were skipped, by what they are; with the page at the cursor.
    Map<String, Long> skipped() {
        Map<String, Long> all = new TreeMap<>(skipped);
        skippedOfPage.forEach((kind, more) -> all.merge(kind, more, Long::sum));
        return all;
    }

    /// Whether everything is the same at both ends, as far as it was compared.
    boolean isComplete() {
        return skipped().isEmpty() && count(Count.DIFFERENT) == 0;
    }

    /// Writes it to a file, which is replaced as a whole.
    ///
    /// @param migration what it is the state of
    void save(Path file, Map<String, String> migration) throws IOException {
        StringBuilder text = new StringBuilder("# How far a migration is; the same command goes on from here.\n");
        migration.forEach((name, value) -> append(text, name, value));
        append(text, "phase", phase.name());
        append(text, "cursor", cursor);
        counts.forEach((count, value) -> append(text, count.name(), Long.toString(value)));
        skipped.forEach((kind, value) -> append(text, SKIPPED + kind, Long.toString(value)));
        Path whole = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(whole, text);
        Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void append(StringBuilder text, String name, String value) {
        text.append(name).append('=').append(value.replace("\\", "\\\\")).append('\n');
    }

    /// The lines of a file.
    static Properties load(Path file) throws IOException {
        Properties loaded = new Properties();
        loaded.load(new StringReader(Files.readString(file)));
        return loaded;
    }

    /// The state in a file.
    ///
    /// @throws IllegalArgumentException when it is none
    static MigrationState of(Properties file) {
        MigrationState state = new MigrationState(file.getProperty("cursor", ""));
        state.phase = Phase.valueOf(file.getProperty("phase", ""));
        for (Count count : Count.values()) {
            state.counts.put(count, Long.parseLong(file.getProperty(count.name(), "0")));
        }
        for (String name : file.stringPropertyNames()) {
            if (name.startsWith(SKIPPED)) {
                state.skipped.put(name.substring(SKIPPED.length()), Long.parseLong(file.getProperty(name)));
            }
        }
        return state;
    }
}
