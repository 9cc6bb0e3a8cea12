package io.caskade.cli.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.caskade.client.Bytes;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.Base64;
import java.util.Optional;

/// A command's output: human-readable lines, or JSON, one object per line.
///
/// @param json whether to print JSON
/// @param terminal whether `err` is a terminal
public record CommandStreams(OutputStream out, PrintWriter err, boolean json, boolean terminal) {

    /// Goes back to the line's beginning and clears it.
    private static final String CLEAR = "\r\u001b[K";

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .build();

    /// Writes the fields of an object.
    public interface Fields {
        void write(JsonGenerator object) throws IOException;
    }

    /// The same, printing JSON if that was asked for.
    public CommandStreams withJson(boolean asked) {
        return asked ? new CommandStreams(out, err, true, terminal) : this;
    }

    /// Writes a line.
    public void line(String text) throws IOException {
        write(text + "\n");
    }

    /// Writes text.
    public void write(String text) throws IOException {
        out.write(text.getBytes(UTF_8));
    }

    /// Writes a line with one JSON object.
    public void object(Fields fields) throws IOException {
        try (JsonGenerator generator = JSON.createGenerator(out)) {
            generator.writeStartObject();
            fields.write(generator);
            generator.writeEndObject();
        }
        out.write('\n');
    }

    /// Writes what was kept back.
    public void flush() throws IOException {
        out.flush();
    }

    /// Shows how far a command is at a terminal, in a line that the next one overwrites.
    public void showProgress(String text) {
        if (terminal) {
            err.print(CLEAR + text);
            err.flush();
        }
    }

    /// Takes the line of [#showProgress(String)] away, before others are printed.
    public void clearProgress() {
        showProgress("");
    }

    /// Bytes are a string when they are UTF-8, otherwise `{"base64": …}`.
    public static void writeBytes(JsonGenerator object, String name, byte[] bytes) throws IOException {
        Optional<String> text = Bytes.of(bytes).utf8();
        if (text.isPresent()) {
            object.writeStringField(name, text.get());
        } else {
            object.writeObjectFieldStart(name);
            object.writeStringField("base64", Base64.getEncoder().encodeToString(bytes));
            object.writeEndObject();
        }
    }
}
