package io.caskade.server.listener.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The conventions of JSON bodies. Bytes are a string when they are UTF-8, otherwise in Base64, and a field
/// beside them says so. Versions are strings, because JavaScript's numbers lose digits of theirs. Pure.
final class Json {

    static final String BASE64 = "base64";

    private static final JsonFactory FACTORY = new JsonFactory();

    /// What an object takes up beside its key and value, about.
    private static final int OVERHEAD_BYTES = 96;

    private Json() {}

    /// Writes the fields of an object.
    interface Fields {
        void write(JsonGenerator object) throws IOException;
    }

    static byte[] object(int expectedBytes, Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(expectedBytes);
        try (JsonGenerator object = FACTORY.createGenerator(bytes)) {
            object.writeStartObject();
            fields.write(object);
            object.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail to be written", e);
        }
        return bytes.toByteArray();
    }

    static byte[] error(String code, String message) {
        return object(OVERHEAD_BYTES + message.length(), object -> {
            object.writeObjectFieldStart("error");
            object.writeStringField("code", code);
            object.writeStringField("message", message);
            object.writeEndObject();
        });
    }

    static byte[] record(ListedRecord listed) {
        byte[] value = listed.value();
        int length = OVERHEAD_BYTES + listed.key().length + (value == null ? 0 : value.length + value.length / 2);
        return object(length, object -> writeFields(object, listed));
    }

    /// @param cursor null when there is no more
    static byte[] page(List<ListedRecord> records, @Nullable String cursor) {
        return object(OVERHEAD_BYTES * (1 + records.size()), object -> {
            object.writeArrayFieldStart("records");
            for (ListedRecord listed : records) {
                object.writeStartObject();
                writeFields(object, listed);
                object.writeEndObject();
            }
            object.writeEndArray();
            object.writeStringField("cursor", cursor);
        });
    }

    private static void writeFields(JsonGenerator object, ListedRecord listed) throws IOException {
        writeBytes(object, "key", "keyEncoding", listed.key());
        byte[] value = listed.value();
        if (value != null) {
            writeBytes(object, "value", "encoding", value);
        }
        object.writeStringField("version", Long.toString(listed.version()));
        object.writeStringField("ttl", listed.ttlMillis() < 0 ? null : GoDuration.format(listed.ttlMillis()));
    }

    static byte[] written(byte[] key, long version) {
        return object(OVERHEAD_BYTES + key.length, object -> {
            writeBytes(object, "key", "keyEncoding", key);
            object.writeStringField("version", Long.toString(version));
        });
    }

    static byte[] counter(byte[] key, long number, long version) {
        return object(OVERHEAD_BYTES + key.length, object -> {
            writeBytes(object, "key", "keyEncoding", key);
            object.writeStringField("value", Long.toString(number));
            object.writeStringField("version", Long.toString(version));
        });
    }

    static byte[] health() {
        return object(OVERHEAD_BYTES, object -> object.writeStringField("status", "ok"));
    }

    /// @param reasons why the node is not ready; empty when it is
    static byte[] readiness(List<String> reasons) {
        return object(OVERHEAD_BYTES, object -> {
            object.writeBooleanField("ready", reasons.isEmpty());
            object.writeArrayFieldStart("reasons");
            for (String reason : reasons) {
                object.writeString(reason);
            }
            object.writeEndArray();
        });
    }

    /// The bytes of a text.
    ///
    /// @throws CharacterCodingException for half of a surrogate pair, which is no text and would be replaced
    ///     silently
    static byte[] encode(String text) throws CharacterCodingException {
        ByteBuffer encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    static void writeBytes(JsonGenerator object, String name, String encodingName, byte[] bytes) throws IOException {
        object.writeFieldName(name);
        if (ByteBufUtil.isText(Unpooled.wrappedBuffer(bytes), UTF_8)) {
            object.writeUTF8String(bytes, 0, bytes.length);
        } else {
            object.writeString(Base64.getEncoder().encodeToString(bytes));
            object.writeStringField(encodingName, BASE64);
        }
    }
}
