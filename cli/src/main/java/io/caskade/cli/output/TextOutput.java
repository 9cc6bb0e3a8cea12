package io.caskade.cli.output;

import io.caskade.cli.command.BytesFormat;
import io.caskade.cli.command.CommandSpec;
import io.caskade.client.Bytes;
import io.caskade.client.ClusterSetting;
import io.caskade.client.ClusterStatus;
import io.caskade.client.Counter;
import io.caskade.client.DrainProgress;
import io.caskade.client.Entry;
import io.caskade.client.ScanCursor;
import io.caskade.client.ScanPage;
import io.caskade.client.TimeToLive;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Prints results as text lines for users and shell scripts: results to one stream; failures, negative results
/// and progress to the other.
public final class TextOutput implements Output {

    private static final int NEVER_EXPIRES = -1;

    /// Goes back to the line's beginning and clears it.
    private static final String CLEAR = "\r\u001b[K";

    private final OutputStream out;
    private final OutputStream err;
    private final Format format;
    private final Style style;
    private final boolean terminal;

    /// Whether the last line on `err` is to be overwritten.
    private boolean showing;

    /// @param terminal whether `err` is a terminal, where a line can be overwritten
    public TextOutput(OutputStream out, OutputStream err, Format format, Style style, boolean terminal) {
        this.out = out;
        this.err = err;
        this.format = format;
        this.style = style;
        this.terminal = terminal;
    }

    @Override
    public void printResult(CommandResult result) throws IOException {
        clearProgress();
        print(result);
        out.flush();
    }

    private void print(CommandResult result) throws IOException {
        switch (result) {
            case CommandResult.Done _ -> success("");
            case CommandResult.NotFound _ -> notice(style.warning("record not found"));
            case CommandResult.ConditionNotMet _ -> notice(style.warning("condition not met"));
            case CommandResult.Value(Entry entry) -> value(entry.value());
            case CommandResult.Values values -> values(values);
            case CommandResult.WrittenAll _, CommandResult.Accepted _ -> success("");
            case CommandResult.Length(Bytes _, long bytes, boolean _) -> line(Long.toString(bytes));
            case CommandResult.Type type -> line(type.name());
            case CommandResult.Existing(int found, int _) -> line(Integer.toString(found));
            case CommandResult.Queued _ -> {
                if (format != Format.RAW) {
                    line(style.faint("QUEUED"));
                }
            }
            case CommandResult.Executed(List<CommandResult> results) -> {
                for (CommandResult each : results) {
                    print(each);
                }
            }
            case CommandResult.Refused(Bytes key, String _, String message) ->
                notice(style.error("error: ") + BytesFormat.word(key) + ": " + message);
            case CommandResult.Deleted(int found, int keys) -> deleted(found, keys);
            case CommandResult.Existence(Bytes _, boolean exists) -> line(exists ? "1" : "0");
            case CommandResult.Count(Bytes _, Counter counter) -> line(Long.toString(counter.value()));
            case CommandResult.Remaining(Bytes _, TimeToLive left, ChronoUnit unit) ->
                line(Long.toString(remaining(left, unit)));
            case CommandResult.Listing listing -> listing(listing);
            case CommandResult.Cluster(ClusterStatus status) -> {
                for (String line : new ClusterText(status, style).lines()) {
                    line(line);
                }
            }
            case CommandResult.LeaderMoved _ -> success("");
            case CommandResult.Drained(String _, DrainProgress progress, boolean undone) ->
                success(undone ? "" : left(progress));
            case CommandResult.Settings(List<ClusterSetting> settings) -> {
                Table table = new Table(style, "SETTING", "VALUE", "");
                settings.forEach(setting -> table.row(
                        Table.Cell.of(setting.name()), Table.Cell.of(setting.value()), Table.Cell.of(setting.fixed())));
                for (String line : table.lines()) {
                    line(line);
                }
            }
            case CommandResult.Planned(List<PlannedMove> moves) -> {
                for (String line : MoveText.plan(moves)) {
                    line(line);
                }
            }
            case CommandResult.Moved(List<PlannedMove> _, Optional<String> removed) ->
                success(removed.map(node -> ", " + node + " keeps nothing and may be stopped")
                        .orElse(""));
            case CommandResult.Unfinished(String message) -> notice(style.warning("in progress: " + message));
            case CommandResult.Help(Optional<CommandSpec> about) ->
                line(about.map(HelpText::of).orElseGet(HelpText::overview));
            case CommandResult.Quit _ -> {}
        }
    }

    /// One line for each key, empty where there is no record.
    private void values(CommandResult.Values values) throws IOException {
        long found = 0;
        for (Optional<Entry> entry : values.found()) {
            if (entry.isEmpty()) {
                line("");
                continue;
            }
            found++;
            if (format == Format.TEXT) {
                line(BytesFormat.line(entry.get().value()));
            } else {
                out.write(entry.get().value().toArray());
                out.write('\n');
            }
        }
        if (found < values.keys().size()) {
            notice(style.warning(found + " of " + values.keys().size() + " found"));
        }
    }

    private static String left(DrainProgress progress) {
        return progress.remaining().isEmpty()
                ? ""
                : ", but it keeps " + PartitionList.of(progress.remaining()) + ": no other node can take a copy";
    }

    @Override
    public void printProgress(String text) {
        try {
            notice(style.faint(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean showProgress(String text) {
        if (!terminal) {
            return false;
        }
        try {
            out.flush();
            write(CLEAR + style.faint(text));
            showing = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return true;
    }

    private void clearProgress() throws IOException {
        if (showing) {
            showing = false;
            write(CLEAR);
        }
    }

    private void write(String text) throws IOException {
        err.write(text.getBytes(StandardCharsets.UTF_8));
        err.flush();
    }

    private void success(String but) throws IOException {
        if (format != Format.RAW) {
            line(style.success("OK") + but);
        }
    }

    private void deleted(int found, int keys) throws IOException {
        if (found == keys) {
            success("");
        } else {
            notice(style.warning(found == 0 ? "record not found" : found + " of " + keys + " found"));
        }
    }

    private static long remaining(TimeToLive left, ChronoUnit unit) {
        return left.remaining()
                .map(duration -> unit == ChronoUnit.SECONDS
                        ? Math.ceilDiv(
                                duration.toMillis(), Duration.ofSeconds(1).toMillis())
                        : duration.toMillis())
                .orElse((long) NEVER_EXPIRES);
    }

    private void value(Bytes value) throws IOException {
        switch (format) {
            case TEXT -> line(BytesFormat.line(value));
            case RAW -> out.write(value.toArray());
            case RAW_LINES -> {
                out.write(value.toArray());
                out.write('\n');
            }
        }
    }

    private void listing(CommandResult.Listing listing) throws IOException {
        Optional<ScanCursor> next = Optional.empty();
        while (listing.pages().hasNext()) {
            ScanPage page = listing.pages().next();
            next = page.next();
            for (Entry entry : page.entries()) {
                entry(entry, listing.keysOnly());
            }
        }
        if (next.isPresent()) {
            notice(style.faint("(more: FROM " + next.get() + ")"));
        }
    }

    private void entry(Entry entry, boolean keysOnly) throws IOException {
        if (format != Format.TEXT) {
            out.write(entry.key().toArray());
            if (!keysOnly) {
                out.write(' ');
                out.write(entry.value().toArray());
            }
            out.write('\n');
        } else {
            String key = BytesFormat.word(entry.key());
            line(keysOnly ? key : style.key(key) + " " + BytesFormat.line(entry.value()));
        }
    }

    private void line(String text) throws IOException {
        out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /// A line that is not what was asked for.
    private void notice(String text) throws IOException {
        out.flush();
        clearProgress();
        write(text + "\n");
    }

    @Override
    public void printFailure(Failure failure, OptionalInt line) throws IOException {
        String place = line.isPresent() ? "line " + line.getAsInt() + ": " : "";
        notice(style.error("error: ") + place + failure.message());
    }
}
