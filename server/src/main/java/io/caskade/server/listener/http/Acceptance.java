package io.caskade.server.listener.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;

/// How a record is sent, as Accept asks for it: the media type with the highest quality; of two with the same,
/// the one that is named more exactly, and JSON otherwise.
enum Acceptance {
    JSON("application", "json"),
    BYTES("application", "octet-stream");

    private static final int EXACT = 3;
    private static final int SUBTYPES = 2;
    private static final int ANY = 1;

    private final String type;
    private final String subtype;

    Acceptance(String type, String subtype) {
        this.type = type;
        this.subtype = subtype;
    }

    /// What a media range says of a type.
    ///
    /// @param precision how exactly it names the type; 0 when it does not
    private record Preference(int precision, double quality) {

        boolean isAbove(Preference other) {
            return quality == other.quality ? precision > other.precision : quality > other.quality;
        }
    }

    /// @throws HttpFailure when neither is accepted
    static Acceptance of(HttpHeaders headers) {
        String accept = String.join(",", headers.getAll(HttpHeaderNames.ACCEPT));
        if (accept.isBlank()) {
            return JSON;
        }
        Preference json = JSON.preference(accept);
        Preference bytes = BYTES.preference(accept);
        if (json.quality() == 0 && bytes.quality() == 0) {
            throw new HttpFailure(
                    ErrorCode.NOT_ACCEPTABLE,
                    "Accept allows neither application/json nor application/octet-stream; found " + accept);
        }
        return bytes.isAbove(json) ? BYTES : JSON;
    }

    /// The most exact range counts.
    private Preference preference(String accept) {
        Preference best = new Preference(0, 0);
        for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = range.split(";", -1);
            int precision = precision(parts[0].strip());
            if (precision > best.precision()) {
                best = new Preference(precision, quality(parts));
            }
        }
        return best;
    }

    private int precision(String range) {
        if (range.equals(type + "/" + subtype)) {
            return EXACT;
        }
        if (range.equals(type + "/*")) {
            return SUBTYPES;
        }
        return range.equals("*/*") ? ANY : 0;
    }

    private static double quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.startsWith("q=")) {
                try {
                    return Math.clamp(Double.parseDouble(parameter.substring(2)), 0, 1);
                } catch (NumberFormatException e) {
                    throw HttpFailure.invalid("Accept: a quality is a number from 0 to 1; found " + parameter);
                }
            }
        }
        return 1;
    }
}
