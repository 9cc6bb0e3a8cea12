package io.caskade.cli.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.caskade.cli.command.BytesFormat;
import io.caskade.cli.migration.MigrationState.Count;
import io.caskade.cli.process.CommandStreams;
import io.caskade.client.Bytes;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Prints which keys were skipped and which differ, each in a line, and at the end how many there were. Lines
/// go to a file if there is one, otherwise to standard error, or to standard output as JSON.
final class MigrationReport implements AutoCloseable {

    private final CommandStreams streams;
    private final CommandStreams lines;
    private final Optional<OutputStream> file;

    private MigrationReport(CommandStreams streams, Optional<OutputStream> file) {
        this.streams = streams;
        this.file = file;
        this.lines = file.map(to -> new CommandStreams(to, streams.err(), streams.json(), false))
                .orElse(streams);
    }

    /// @param path where the lines are added
    static MigrationReport open(CommandStreams streams, Optional<Path> path) throws IOException {
        return new MigrationReport(
                streams,
                path.isEmpty()
                        ? Optional.empty()
                        : Optional.of(new BufferedOutputStream(Files.newOutputStream(
                                path.get(), StandardOpenOption.CREATE, StandardOpenOption.APPEND))));
    }

    void skipped(SkippedKey key) throws IOException {
        if (streams.json()) {
            lines.object(object -> {
                CommandStreams.writeBytes(object, "key", key.key().toArray());
                object.writeStringField("skipped", key.kind());
                if (!key.reason().isEmpty()) {
                    object.writeStringField("reason", key.reason());
                }
            });
        } else {
            line("skipped " + BytesFormat.word(key.key()) + ": " + key.kind()
                    + (key.reason().isEmpty() ? "" : ", " + key.reason()));
        }
    }

    void different(Bytes key, String difference) throws IOException {
        if (streams.json()) {
            lines.object(object -> {
                CommandStreams.writeBytes(object, "key", key.toArray());
                object.writeStringField("different", difference);
            });
        } else {
            line("different " + BytesFormat.word(key) + ": " + difference);
        }
    }

    private void line(String text) throws IOException {
        if (file.isPresent()) {
            file.get().write((text + "\n").getBytes(UTF_8));
        } else {
            streams.clearProgress();
            PrintWriter err = streams.err();
            err.println(text);
        }
    }

    /// Prints what was counted so far.
    ///
    /// @param finished whether all of it was done
    void summary(MigrationState state, boolean verified, boolean finished) throws IOException {
        streams.clearProgress();
        if (streams.json()) {
            streams.object(object -> write(object, state, finished));
        } else {
            print(state, verified, finished);
        }
        streams.flush();
    }

    private void print(MigrationState state, boolean verified, boolean finished) throws IOException {
        streams.line("copied " + number(state.count(Count.COPIED), "key") + ", " + state.count(Count.EXPIRING)
                + " with an expiry");
        if (state.count(Count.GONE) > 0) {
            streams.line("expired or removed meanwhile: " + number(state.count(Count.GONE), "key"));
        }
        Map<String, Long> skipped = state.skipped();
        if (!skipped.isEmpty()) {
            long all = skipped.values().stream().mapToLong(Long::longValue).sum();
            streams.line("skipped " + number(all, "key") + ": "
                    + skipped.entrySet().stream()
                            .map(kind -> kind.getValue() + " " + kind.getKey())
                            .collect(Collectors.joining(", ")));
        }
        if (verified && (finished || state.count(Count.VERIFIED) > 0)) {
            streams.line("verified " + number(state.count(Count.VERIFIED), "key") + ", " + state.count(Count.DIFFERENT)
                    + " different");
        }
        if (!finished) {
            streams.line("not finished");
        }
    }

    private static String number(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static void write(JsonGenerator object, MigrationState state, boolean finished) throws IOException {
        object.writeNumberField("copied", state.count(Count.COPIED));
        object.writeNumberField("expiring", state.count(Count.EXPIRING));
        object.writeNumberField("gone", state.count(Count.GONE));
        object.writeObjectFieldStart("skipped");
        for (Map.Entry<String, Long> kind : state.skipped().entrySet()) {
            object.writeNumberField(kind.getKey(), kind.getValue());
        }
        object.writeEndObject();
        object.writeNumberField("verified", state.count(Count.VERIFIED));
        object.writeNumberField("different", state.count(Count.DIFFERENT));
        object.writeBooleanField("finished", finished);
    }

    /// Writes what was kept back for the file.
    void flush() throws IOException {
        if (file.isPresent()) {
            file.get().flush();
        }
    }

    @Override
    public void close() throws IOException {
        if (file.isPresent()) {
            file.get().close();
        }
    }
}
