package io.caskade.server.listener.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.caskade.api.CausalContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the body of a request to `/kv-store` says. Fields that it does not know are ignored.
///
/// @param value the field `value`; null when it is missing
/// @param seen the field `causal-context`; empty when it is missing, null, an empty string or an empty object
record StoreBody(byte @Nullable [] value, CausalContext seen) {

    private static final StoreBody EMPTY = new StoreBody(null, CausalContext.EMPTY);

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(20)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    /// Reads a body; one without bytes says nothing.
    ///
    /// @return empty when it cannot be parsed
    static Optional<StoreBody> parse(byte[] json) {
        if (json.length == 0) {
            return Optional.of(EMPTY);
        }
        try (JsonParser parser = FACTORY.createParser(json)) {
            Optional<StoreBody> body = parse(parser);
            return parser.nextToken() == null ? body : Optional.empty();
        } catch (JsonProcessingException | IllegalArgumentException | CharacterCodingException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail to be read", e);
        }
    }

    private static Optional<StoreBody> parse(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return Optional.empty();
        }
        byte[] value = null;
        CausalContext seen = CausalContext.EMPTY;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (field) {
                case "value" -> value = value(parser, token);
                case "causal-context" -> seen = context(parser, token);
                default -> parser.skipChildren();
            }
        }
        return Optional.of(new StoreBody(value, seen));
    }

    private static byte @Nullable [] value(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (token != JsonToken.VALUE_STRING) {
            throw new IllegalArgumentException("a value is a string");
        }
        return Json.encode(parser.getText());
    }

    private static CausalContext context(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_NULL -> CausalContext.EMPTY;
            case VALUE_STRING ->
                parser.getText().isEmpty() ? CausalContext.EMPTY : CausalContext.parse(parser.getText());
            case START_OBJECT -> {
                if (parser.nextToken() != JsonToken.END_OBJECT) {
                    throw new IllegalArgumentException("a causal context is a string");
                }
                yield CausalContext.EMPTY;
            }
            default -> throw new IllegalArgumentException("a causal context is a string");
        };
    }
}
