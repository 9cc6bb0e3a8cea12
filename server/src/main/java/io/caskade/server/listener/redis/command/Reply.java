package io.caskade.server.listener.redis.command;

import io.caskade.server.listener.redis.resp.RespWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A command's reply, written once its turn has come. Immutable.
@FunctionalInterface
public interface Reply {

    /// The reply of most commands that return nothing.
    Reply OK = simple("OK");

    /// There is no value.
    Reply NONE = RespWriter::none;

    /// There is no array.
    Reply NO_ARRAY = RespWriter::noArray;

    /// No reply at all.
    Reply SILENCE = _ -> {};

    /// The number 0, as for false.
    Reply ZERO = out -> out.integer(0);

    /// The number 1, as for true.
    Reply ONE = out -> out.integer(1);

    /// An array of nothing.
    Reply EMPTY = out -> out.array(0);

    /// Writes it.
    void write(RespWriter out);

    /// The code that metrics and statistics count it by: an error's first word; null when it is no error.
    default @Nullable String errorCode() {
        return null;
    }

    /// A simple string.
    static Reply simple(String text) {
        return out -> out.simple(text);
    }

    /// An error.
    ///
    /// @param text begins with a code in capitals, as `ERR`
    static Reply error(String text) {
        return new ErrorReply(text);
    }

    /// A number.
    static Reply integer(long number) {
        return out -> out.integer(number);
    }

    /// 1 or 0.
    static Reply integer(boolean is) {
        return is ? ONE : ZERO;
    }

    /// A string, or none.
    static Reply bulk(byte @Nullable [] bytes) {
        return bytes == null ? NONE : out -> out.bulk(bytes);
    }

    /// A string of a text.
    static Reply bulk(String text) {
        return out -> out.bulk(text);
    }

    /// A text for people.
    static Reply verbatim(String text) {
        return out -> out.verbatim(text);
    }

    /// An array.
    static Reply array(List<Reply> elements) {
        return out -> {
            out.array(elements.size());
            elements.forEach(element -> element.write(out));
        };
    }

    /// An array of texts.
    static Reply texts(List<String> texts) {
        return out -> {
            out.array(texts.size());
            texts.forEach(out::bulk);
        };
    }

    /// An error with its text.
    record ErrorReply(String text) implements Reply {
        @Override
        public void write(RespWriter out) {
            out.error(text);
        }

        @Override
        public String errorCode() {
            int space = text.indexOf(' ');
            return space < 0 ? text : text.substring(0, space);
        }
    }
}
