package io.caskade.server.listener.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the body of a view change says. Fields that it does not know are ignored.
///
/// @param addresses the field `view`: a list, or a string with commas between; empty when it is missing
/// @param copies the field `repl-factor`; 0 when it is missing
record ViewBody(List<String> addresses, int copies) {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /// Copies the list.
    ViewBody {
        addresses = List.copyOf(addresses);
    }

    /// Reads a body.
    ///
    /// @return empty when it cannot be parsed
    static Optional<ViewBody> parse(byte[] json) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            Optional<ViewBody> body = parse(parser);
            return parser.nextToken() == null ? body : Optional.empty();
        } catch (JsonProcessingException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail to be read", e);
        }
    }

    private static Optional<ViewBody> parse(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return Optional.empty();
        }
        List<String> addresses = new ArrayList<>();
        int copies = 0;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (field) {
                case "view" -> {
                    if (!readAddresses(parser, token, addresses)) {
                        return Optional.empty();
                    }
                }
                case "repl-factor" -> {
                    if (token != JsonToken.VALUE_NUMBER_INT) {
                        return Optional.empty();
                    }
                    copies = parser.getIntValue();
                }
                default -> parser.skipChildren();
            }
        }
        return Optional.of(new ViewBody(addresses, copies));
    }

    private static boolean readAddresses(JsonParser parser, JsonToken token, List<String> addresses)
            throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            addresses.addAll(List.of(parser.getText().split(",", -1)));
            return true;
        }
        if (token != JsonToken.START_ARRAY) {
            return false;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                return false;
            }
            addresses.add(parser.getText());
        }
        return true;
    }
}
