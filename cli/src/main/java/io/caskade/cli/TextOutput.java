package io.caskade.cli;

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

/// Answers as lines for people and for the shells they write scripts in: answers to one stream, failures to the other.
final class TextOutput implements Output {

    private static final int NEVER_EXPIRES = -1;

    private final OutputStream out;
    private final OutputStream err;
    private final boolean raw;
    private final Style style;

    /// @param raw whether values are printed byte for byte
    TextOutput(OutputStream out, OutputStream err, boolean raw, Style style) {
        this.out = out;
        this.err = err;
        this.raw = raw;
        this.style = style;
    }

    @Override
    public void answer(Answer answer) throws IOException {
        switch (answer) {
            case Answer.Done _ -> line(style.good("OK"));
            case Answer.NotFound _ -> line(style.no("record not found"));
            case Answer.ConditionNotMet _ -> line(style.no("condition not met"));
            case Answer.Value(Entry entry) -> value(entry.value());
            case Answer.Deleted(int found, int keys) -> line(deleted(found, keys));
            case Answer.Existence(Bytes _, boolean exists) -> line(exists ? "1" : "0");
            case Answer.Count(Bytes _, Counter counter) -> line(Long.toString(counter.value()));
            case Answer.Remaining(Bytes _, TimeToLive left, ChronoUnit unit) ->
                line(Long.toString(remaining(left, unit)));
            case Answer.Listing listing -> listing(listing);
            case Answer.Cluster(ClusterStatus status) -> {
                for (String line : new ClusterText(status, style).lines()) {
                    line(line);
                }
            }
            case Answer.LeaderMoved _ -> line(style.good("OK"));
            case Answer.Drained(String _, DrainProgress progress, boolean undone) -> line(drained(progress, undone));
            case Answer.Unfinished(String message) -> line(style.no("not yet: " + message));
            case Answer.Help(Optional<Verb> about) ->
                line(about.map(HelpText::of).orElseGet(HelpText::overview));
            case Answer.Bye _ -> {}
        }
        out.flush();
    }

    private String drained(DrainProgress progress, boolean undone) {
        return undone || progress.keeps().isEmpty()
                ? style.good("OK")
                : style.good("OK") + ", but it keeps " + ClusterMoves.listed(progress.keeps())
                        + ": no other node has room";
    }

    @Override
    public void progress(String text) {
        try {
            err.write((style.faint(text) + "\n").getBytes(StandardCharsets.UTF_8));
            err.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String deleted(int found, int keys) {
        if (found == keys) {
            return style.good("OK");
        }
        return style.no(found == 0 ? "record not found" : found + " of " + keys + " found");
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
            line(Shown.line(value));
        }
    }

    private void listing(Answer.Listing listing) throws IOException {
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
            String key = Shown.word(entry.key());
            line(keysOnly ? key : style.key(key) + " " + Shown.line(entry.value()));
        }
    }

    private void line(String text) throws IOException {
        out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void failure(Failure failure, OptionalInt line) throws IOException {
        out.flush();
        String place = line.isPresent() ? "line " + line.getAsInt() + ": " : "";
        err.write((style.bad("error: ") + place + failure.message() + "\n").getBytes(StandardCharsets.UTF_8));
        err.flush();
    }
}
