package io.caskade.server.listener.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the body of a PUT says.
///
/// @param ttl the time to live as written; null for none
record PutBody(byte[] value, @Nullable String ttl) {

    private static final String TYPES = "application/json or application/octet-stream";

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(2)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /// The media types of a value.
    enum Type {
        JSON,
        BYTES
    }

    /// @throws HttpFailure when there is another media type, or none, or an encoding of the content
    static Type type(HttpHeaders headers) {
        String encoding = headers.get(HttpHeaderNames.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw unsupported("the body has the Content-Encoding " + encoding + "; send it as it is");
        }
        String type = headers.get(HttpHeaderNames.CONTENT_TYPE);
        if (type == null) {
            throw unsupported("the body needs a Content-Type, " + TYPES);
        }
        String[] parts = type.toLowerCase(Locale.ROOT).split(";", -1);
        return switch (parts[0].strip()) {
            case Response.BYTES -> Type.BYTES;
            case Response.JSON -> {
                for (int i = 1; i < parts.length; i++) {
                    requireUtf8(parts[i].strip());
                }
                yield Type.JSON;
            }
            case "application/x-www-form-urlencoded" ->
                throw unsupported("the Content-Type is " + type + ", which curl sends unless you add"
                        + " -H 'Content-Type: application/json'; expected " + TYPES);
            default -> throw unsupported("the Content-Type is " + type + "; expected " + TYPES);
        };
    }

    private static void requireUtf8(String parameter) {
        if (parameter.startsWith("charset=") && !parameter.replace("\"", "").equals("charset=utf-8")) {
            throw unsupported("JSON is in UTF-8; found " + parameter);
        }
    }

    private static HttpFailure unsupported(String message) {
        return new HttpFailure(ErrorCode.UNSUPPORTED_MEDIA_TYPE, message);
    }

    /// Reads `{"value": "…", "ttl": "5s", "encoding": "base64"}`.
    ///
    /// @throws HttpFailure that says what is wrong with it
    static PutBody parse(byte[] json) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            PutBody body = parse(parser);
            if (parser.nextToken() != null) {
                throw HttpFailure.invalid("something follows the JSON object");
            }
            return body;
        } catch (JsonProcessingException e) {
            throw HttpFailure.invalid("malformed JSON" + at(e) + ": " + firstLine(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail to be read", e);
        }
    }

    private static PutBody parse(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw HttpFailure.invalid("expected a JSON object such as {\"value\":\"1\",\"ttl\":\"5s\"}");
        }
        String value = null;
        String ttl = null;
        String encoding = "utf-8";
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            switch (field) {
                case "value" -> value = string(parser, field);
                case "ttl" -> ttl = string(parser, field);
                case "encoding" -> encoding = string(parser, field);
                default ->
                    throw HttpFailure.invalid("unknown field \"" + field + "\"; there are value, ttl and encoding");
            }
        }
        if (value == null) {
            throw HttpFailure.invalid("the field value is missing");
        }
        return new PutBody(decode(value, encoding), ttl);
    }

    private static String string(JsonParser parser, String field) throws IOException {
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
            throw HttpFailure.invalid("the field " + field + " is a string");
        }
        return parser.getText();
    }

    private static byte[] decode(String value, String encoding) {
        return switch (encoding) {
            case "utf-8" -> encodeText(value);
            case Json.BASE64 -> decodeBase64(value);
            default -> throw HttpFailure.invalid("the field encoding is utf-8 or base64; found " + encoding);
        };
    }

    private static byte[] encodeText(String value) {
        try {
            return Json.encode(value);
        } catch (CharacterCodingException e) {
            throw HttpFailure.invalid(
                    "the field value has half of a surrogate pair, which is no text; send bytes in base64");
        }
    }

    private static byte[] decodeBase64(String value) {
        try {
            return Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            throw HttpFailure.invalid("the field value is not base64: " + e.getMessage());
        }
    }

    private static String at(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " at byte " + e.getLocation().getByteOffset();
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }
}
