package io.caskade.server.listener.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What If-Match or If-None-Match lists. A record's entity tag is its version between quotes.
///
/// @param any whether it is `*`
record EntityTags(boolean any, List<Tag> tags) {

    private static final Pattern LISTED = Pattern.compile("\\s*(W/)?\"([\\x21\\x23-\\x7e\\x80-\\xff]*)\"\\s*(,|$)");
    private static final Pattern VERSION = Pattern.compile("[1-9]\\d{0,18}");

    /// One of them.
    ///
    /// @param opaque what is between the quotes
    record Tag(boolean weak, String opaque) {

        /// The version that it stands for; empty when it stands for none.
        OptionalLong version() {
            if (!VERSION.matcher(opaque).matches()) {
                return OptionalLong.empty();
            }
            long version = Long.parseUnsignedLong(opaque);
            return version > 0 ? OptionalLong.of(version) : OptionalLong.empty();
        }
    }

    /// Copies the list.
    EntityTags {
        tags = List.copyOf(tags);
    }

    static String of(long version) {
        return "\"" + version + '"';
    }

    /// Those of a header field; null when there is no such field.
    ///
    /// @throws HttpFailure when it is malformed
    static @Nullable EntityTags in(HttpHeaders headers, CharSequence name) {
        List<String> fields = headers.getAll(name);
        if (fields.isEmpty()) {
            return null;
        }
        String text = String.join(",", fields).strip();
        return text.equals("*") ? new EntityTags(true, List.of()) : new EntityTags(false, parse(name, text));
    }

    private static List<Tag> parse(CharSequence name, String text) {
        List<Tag> tags = new ArrayList<>();
        Matcher listed = LISTED.matcher(text);
        int end = 0;
        while (end < text.length()) {
            if (!listed.find(end) || listed.start() != end) {
                throw HttpFailure.invalid(name + ": expected * or entity tags between quotes, as \"12\"");
            }
            tags.add(new Tag(listed.group(1) != null, listed.group(2)));
            end = listed.end();
        }
        if (tags.isEmpty()) {
            throw HttpFailure.invalid(name + ": expected * or entity tags between quotes, as \"12\"; found nothing");
        }
        return tags;
    }

    /// Whether a record's version is listed, by the strong comparison of If-Match.
    boolean matchesStrongly(long version) {
        return any || tags.stream().anyMatch(tag -> !tag.weak() && isFor(tag, version));
    }

    /// Whether a record's version is listed, by the weak comparison of If-None-Match.
    boolean matches(long version) {
        return any || tags.stream().anyMatch(tag -> isFor(tag, version));
    }

    private static boolean isFor(Tag tag, long version) {
        return tag.version().equals(OptionalLong.of(version));
    }
}
