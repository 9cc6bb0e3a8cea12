package io.caskade.server.listener.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A request's target, as it was sent: nothing is normalized, and what is percent-encoded is decoded once.
///
/// @param path undecoded, begins with a slash
/// @param parameters the values of the query by their names, decoded
record RequestTarget(String path, Map<String, byte[]> parameters) {

    private static final int SHOWN = 40;

    /// Reads a target in origin form, or in absolute form, whose scheme and authority are ignored.
    ///
    /// @throws HttpFailure when it is neither, or the query is malformed
    static RequestTarget parse(String target) {
        String origin = withoutAuthority(target);
        if (!origin.startsWith("/")) {
            throw HttpFailure.invalid("a request target begins with a slash, as /v1/kv/hello; found " + shown(target));
        }
        int query = origin.indexOf('?');
        return query < 0
                ? new RequestTarget(origin, Map.of())
                : new RequestTarget(origin.substring(0, query), parameters(origin.substring(query + 1)));
    }

    private static String withoutAuthority(String target) {
        int scheme = target.indexOf("://");
        String name = scheme < 0 ? "" : target.substring(0, scheme).toLowerCase(Locale.ROOT);
        if (!name.equals("http") && !name.equals("https")) {
            return target;
        }
        int end = scheme + "://".length();
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
            end++;
        }
        String rest = target.substring(end);
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    private static Map<String, byte[]> parameters(String query) {
        Map<String, byte[]> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = text("a parameter's name", decode(equals < 0 ? pair : pair.substring(0, equals), true));
            byte[] value = decode(equals < 0 ? "" : pair.substring(equals + 1), true);
            if (parameters.put(name, value) != null) {
                throw HttpFailure.invalid("the parameter " + shown(name) + " is there twice");
            }
        }
        return parameters;
    }

    /// Decodes a part of the path: a plus sign is one.
    ///
    /// @throws HttpFailure when a percent sign is not followed by two hexadecimal digits
    static byte[] decode(String encoded) {
        return decode(encoded, false);
    }

    /// @param form whether a plus sign is a space, as in what HTML forms send
    private static byte[] decode(String encoded, boolean form) {
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(encoded.length());
        int i = 0;
        while (i < encoded.length()) {
            char next = encoded.charAt(i);
            if (next == '%') {
                decoded.write(escaped(encoded, i));
                i += 3;
            } else {
                decoded.write(form && next == '+' ? ' ' : next);
                i++;
            }
        }
        return decoded.toByteArray();
    }

    private static int escaped(String encoded, int percent) {
        boolean whole = percent + 2 < encoded.length()
                && HexFormat.isHexDigit(encoded.charAt(percent + 1))
                && HexFormat.isHexDigit(encoded.charAt(percent + 2));
        if (!whole) {
            throw HttpFailure.invalid("a percent sign is followed by two hexadecimal digits, and is %25 itself; found "
                    + shown(encoded.substring(percent)));
        }
        return HexFormat.fromHexDigits(encoded, percent + 1, percent + 3);
    }

    /// @throws HttpFailure when there is a parameter that is not one of these
    void requireOnly(Set<String> known) {
        for (String name : parameters.keySet()) {
            if (!known.contains(name)) {
                throw HttpFailure.invalid("unknown parameter " + shown(name) + "; there are "
                        + (known.isEmpty()
                                ? "none here"
                                : String.join(", ", known.stream().sorted().toList())));
            }
        }
    }

    /// A parameter's value, or null.
    ///
    /// @throws HttpFailure when it is not UTF-8
    @Nullable
    String parameter(String name) {
        byte[] value = parameters.get(name);
        return value == null ? null : text("the parameter " + name, value);
    }

    private static String text(String what, byte[] bytes) {
        if (!ByteBufUtil.isText(Unpooled.wrappedBuffer(bytes), UTF_8)) {
            throw HttpFailure.invalid(what + " is not UTF-8");
        }
        return new String(bytes, UTF_8);
    }

    private static String shown(String text) {
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }
}
