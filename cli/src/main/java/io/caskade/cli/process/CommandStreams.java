package io.caskade.cli.data;

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
record CommandStreams(OutputStream out, PrintWriter err, boolean json, boolean terminal) {

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .build();

    /// Writes the fields of an object.
    interface Fields {
        void write(JsonGenerator object) throws IOException;
    }

    CommandStreams withJson(boolean asked) {
        return asked ? new CommandStreams(out, err, true, terminal) : this;
    }

    void line(String text) throws IOException {
        write(text + "\n");
    }

    void write(String text) throws IOException {
        out.write(text.getBytes(UTF_8));
    }

    void object(Fields fields) throws IOException {
        try (JsonGenerator generator = JSON.createGenerator(out)) {
            generator.writeStartObject();
            fields.write(generator);
            generator.writeEndObject();
        }
        out.write('\n');
    }

    void flush() throws IOException {
        out.flush();
    }

    /// Bytes are a string when they are UTF-8, otherwise `{"base64": …}`.
    static void writeBytes(JsonGenerator object, String name, byte[] bytes) throws IOException {
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
