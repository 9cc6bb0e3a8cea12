package io.caskade.cli.output;

import io.caskade.cli.command.BytesFormat;
import io.caskade.cli.command.CommandSpec;
import io.caskade.client.Bytes;
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
import java.util.Optional;
import java.util.OptionalInt;

/// Prints results as lines for people and shell scripts: results to one stream, failures and progress to the
/// other.
public final class TextOutput implements Output {

    private static final int NEVER_EXPIRES = -1;

    private final OutputStream out;
    private final OutputStream err;
    private final boolean raw;
    private final Style style;

    /// @param raw whether values are printed byte for byte
    public TextOutput(OutputStream out, OutputStream err, boolean raw, Style style) {
        this.out = out;
        this.err = err;
        this.raw = raw;
        this.style = style;
    }

    @Override
    public void printResult(CommandResult result) throws IOException {
        switch (result) {
            case CommandResult.Done _ -> line(style.success("OK"));
            case CommandResult.NotFound _ -> line(style.warning("record not found"));
            case CommandResult.ConditionNotMet _ -> line(style.warning("condition not met"));
            case CommandResult.Value(Entry entry) -> value(entry.value());
            case CommandResult.Deleted(int found, int keys) -> line(deleted(found, keys));
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
            case CommandResult.LeaderMoved _ -> line(style.success("OK"));
            case CommandResult.Drained(String _, DrainProgress progress, boolean undone) ->
                line(drained(progress, undone));
            case CommandResult.Unfinished(String message) -> line(style.warning("not yet: " + message));
            case CommandResult.Help(Optional<CommandSpec> about) ->
                line(about.map(HelpText::of).orElseGet(HelpText::overview));
            case CommandResult.Quit _ -> {}
        }
        out.flush();
    }

    private String drained(DrainProgress progress, boolean undone) {
        return undone || progress.remaining().isEmpty()
                ? style.success("OK")
                : style.success("OK") + ", but it keeps " + PartitionList.of(progress.remaining())
                        + ": no other node has room";
    }

    @Override
    public void printProgress(String text) {
        try {
            err.write((style.faint(text) + "\n").getBytes(StandardCharsets.UTF_8));
            err.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String deleted(int found, int keys) {
        if (found == keys) {
            return style.success("OK");
        }
        return style.warning(found == 0 ? "record not found" : found + " of " + keys + " found");
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
        if (raw) {
            out.write(value.toArray());
            out.write('\n');
        } else {
            line(BytesFormat.line(value));
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
            line(style.faint("(more: FROM " + next.get() + ")"));
        }
    }

    private void entry(Entry entry, boolean keysOnly) throws IOException {
        if (raw) {
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

    @Override
    public void printFailure(Failure failure, OptionalInt line) throws IOException {
        out.flush();
        String place = line.isPresent() ? "line " + line.getAsInt() + ": " : "";
        err.write((style.error("error: ") + place + failure.message() + "\n").getBytes(StandardCharsets.UTF_8));
        err.flush();
    }
}
