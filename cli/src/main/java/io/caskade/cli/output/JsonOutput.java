package io.caskade.cli.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
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
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Prints results and failures as JSON, one line with one object for each command. A scan prints one line for
/// each record and a last one with the cursor to resume from. Bytes are a string when they are UTF-8,
/// otherwise `{"base64": …}`.
public final class JsonOutput implements Output {

    private final OutputStream out;
    private final JsonFactory json =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

    public JsonOutput(OutputStream out) {
        this.out = out;
    }

    /// Writes the fields of an object.
    private interface Fields {
        void write(JsonGenerator object) throws IOException;
    }

    private void object(Fields fields) throws IOException {
        try (JsonGenerator generator = json.createGenerator(out)) {
            generator.writeStartObject();
            fields.write(generator);
            generator.writeEndObject();
        }
        out.write('\n');
        out.flush();
    }

    @Override
    public void printResult(CommandResult result) throws IOException {
        switch (result) {
            case CommandResult.Listing listing -> listing(listing);
            case CommandResult.Values values -> {
                for (int i = 0; i < values.keys().size(); i++) {
                    Bytes key = values.keys().get(i);
                    object(fields(values.found()
                            .get(i)
                            .<CommandResult>map(CommandResult.Value::new)
                            .orElse(new CommandResult.NotFound(key))));
                }
            }
            case CommandResult.Quit _ -> {}
            default -> object(fields(result));
        }
    }

    /// What one object has of a result that takes no more.
    private static Fields fields(CommandResult result) {
        return switch (result) {
            case CommandResult.Done(Bytes key, long version) ->
                object -> {
                    writeBytes(object, "key", key);
                    object.writeBooleanField("applied", true);
                    object.writeNumberField("version", version);
                };
            case CommandResult.NotFound(Bytes key) ->
                object -> {
                    writeBytes(object, "key", key);
                    object.writeBooleanField("found", false);
                };
            case CommandResult.ConditionNotMet(Bytes key, Optional<Entry> current) ->
                object -> {
                    writeBytes(object, "key", key);
                    object.writeBooleanField("applied", false);
                    if (current.isPresent()) {
                        object.writeObjectFieldStart("current");
                        value(object, current.get());
                        object.writeEndObject();
                    }
                };
            case CommandResult.Value(Entry entry) ->
                object -> {
                    writeBytes(object, "key", entry.key());
                    object.writeBooleanField("found", true);
                    value(object, entry);
                };
            case CommandResult.Deleted(int found, int keys) ->
                object -> {
                    object.writeNumberField("deleted", found);
                    object.writeNumberField("keys", keys);
                };
            case CommandResult.Existence(Bytes key, boolean exists) ->
                object -> {
                    writeBytes(object, "key", key);
                    object.writeBooleanField("found", exists);
                };
            case CommandResult.Count(Bytes key, Counter counter) ->
                object -> {
                    writeBytes(object, "key", key);
                    object.writeNumberField("value", counter.value());
                    object.writeNumberField("version", counter.version());
                };
            case CommandResult.Remaining(Bytes key, TimeToLive left, ChronoUnit _) ->
                object -> remaining(object, key, left);
            case CommandResult.Cluster(ClusterStatus status) -> object -> ClusterJson.write(object, status);
            case CommandResult.LeaderMoved(int partition, String node) ->
                object -> {
                    object.writeNumberField("partition", partition);
                    object.writeStringField("leader", node);
                };
            case CommandResult.Drained(String node, DrainProgress progress, boolean undone) ->
                object -> {
                    object.writeStringField("node", node);
                    object.writeBooleanField("drained", !undone);
                    writeNumbers(object, "leads", progress.leading());
                    writeNumbers(object, "keeps", progress.remaining());
                };
            case CommandResult.Settings(List<ClusterSetting> settings) ->
                object -> {
                    for (ClusterSetting setting : settings) {
                        object.writeStringField(setting.name(), setting.value());
                    }
                };
            case CommandResult.Planned(List<PlannedMove> moves) -> object -> moves(object, moves);
            case CommandResult.Moved(List<PlannedMove> moves, Optional<String> removed) ->
                object -> {
                    moves(object, moves);
                    object.writeBooleanField("finished", true);
                    if (removed.isPresent()) {
                        object.writeStringField("removed", removed.get());
                    }
                };
            case CommandResult.Unfinished(String message) ->
                object -> {
                    object.writeBooleanField("finished", false);
                    object.writeStringField("message", message);
                };
            case CommandResult.Help(Optional<CommandSpec> about) ->
                object ->
                        object.writeStringField("help", about.map(HelpText::of).orElseGet(HelpText::overview));
            case CommandResult.WrittenAll(int keys) ->
                object -> {
                    object.writeBooleanField("applied", true);
                    object.writeNumberField("keys", keys);
                };
            case CommandResult.Length(Bytes key, long bytes, boolean found) ->
                object -> {
                    writeBytes(object, "key", key);
                    object.writeBooleanField("found", found);
                    object.writeNumberField("length", bytes);
                };
            case CommandResult.Type type ->
                object -> {
                    writeBytes(object, "key", type.key());
                    object.writeStringField("type", type.name());
                };
            case CommandResult.Existing(int found, int keys) ->
                object -> {
                    object.writeNumberField("found", found);
                    object.writeNumberField("keys", keys);
                };
            case CommandResult.Accepted _ -> object -> object.writeBooleanField("accepted", true);
            case CommandResult.Queued _ -> object -> object.writeBooleanField("queued", true);
            case CommandResult.Refused(Bytes key, String code, String message) ->
                object -> {
                    writeBytes(object, "key", key);
                    error(object, new Failure(code, message, ExitCode.REFUSED), OptionalInt.empty());
                };
            case CommandResult.Executed(List<CommandResult> results) ->
                object -> {
                    object.writeArrayFieldStart("results");
                    for (CommandResult each : results) {
                        object.writeStartObject();
                        fields(each).write(object);
                        object.writeEndObject();
                    }
                    object.writeEndArray();
                };
            case CommandResult.Listing _, CommandResult.Values _, CommandResult.Quit _ ->
                throw new IllegalStateException("not one object: " + result);
        };
    }

    /// Prints no progress in JSON mode.
    @Override
    public void printProgress(String text) {}

    @Override
    public boolean showProgress(String text) {
        return true;
    }

    private static void moves(JsonGenerator object, List<PlannedMove> moves) throws IOException {
        object.writeArrayFieldStart("moves");
        for (PlannedMove planned : moves) {
            object.writeStartObject();
            object.writeNumberField("partition", planned.move().partition());
            writeStrings(object, "from", planned.move().from());
            writeStrings(object, "to", planned.move().to());
            object.writeNumberField("bytes", planned.bytes());
            object.writeBooleanField("inProgress", planned.inProgress());
            object.writeEndObject();
        }
        object.writeEndArray();
    }

    private static void writeStrings(JsonGenerator object, String name, List<String> values) throws IOException {
        object.writeArrayFieldStart(name);
        for (String value : values) {
            object.writeString(value);
        }
        object.writeEndArray();
    }

    private static void writeNumbers(JsonGenerator object, String name, List<Integer> numbers) throws IOException {
        object.writeArrayFieldStart(name);
        for (int number : numbers) {
            object.writeNumber(number);
        }
        object.writeEndArray();
    }

    private void listing(CommandResult.Listing listing) throws IOException {
        Optional<ScanCursor> next = Optional.empty();
        while (listing.pages().hasNext()) {
            ScanPage page = listing.pages().next();
            next = page.next();
            List<Entry> entries = page.entries();
            for (Entry entry : entries) {
                object(object -> {
                    writeBytes(object, "key", entry.key());
                    if (listing.keysOnly()) {
                        object.writeNumberField("version", entry.version());
                    } else {
                        value(object, entry);
                    }
                });
            }
        }
        String cursor = next.map(ScanCursor::toString).orElse(null);
        object(object -> object.writeStringField("next", cursor));
    }

    private static void remaining(JsonGenerator object, Bytes key, TimeToLive left) throws IOException {
        writeBytes(object, "key", key);
        object.writeBooleanField("found", true);
        if (left.remaining().isPresent()) {
            object.writeNumberField("ttlMillis", left.remaining().get().toMillis());
        } else {
            object.writeNullField("ttlMillis");
        }
        object.writeNumberField("version", left.version());
    }

    private static void value(JsonGenerator object, Entry entry) throws IOException {
        writeBytes(object, "value", entry.value());
        object.writeNumberField("version", entry.version());
        object.writeStringField(
                "expiresAt", entry.expiresAt().map(Object::toString).orElse(null));
    }

    private static void writeBytes(JsonGenerator object, String name, Bytes bytes) throws IOException {
        Optional<String> text = bytes.utf8();
        if (text.isPresent()) {
            object.writeStringField(name, text.get());
        } else {
            object.writeObjectFieldStart(name);
            object.writeStringField("base64", Base64.getEncoder().encodeToString(bytes.toArray()));
            object.writeEndObject();
        }
    }

    @Override
    public void printFailure(Failure failure, OptionalInt line) throws IOException {
        object(object -> error(object, failure, line));
    }

    private static void error(JsonGenerator object, Failure failure, OptionalInt line) throws IOException {
        object.writeObjectFieldStart("error");
        object.writeStringField("code", failure.code());
        object.writeStringField("message", failure.message());
        if (line.isPresent()) {
            object.writeNumberField("line", line.getAsInt());
        }
        object.writeEndObject();
    }
}
