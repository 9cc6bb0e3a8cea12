package io.caskade.server.listener.redis.command;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a command may be followed by, as `COMMAND DOCS` says it. Immutable.
///
/// @param token the word before it, or that it is; null for none
/// @param optional whether it may be left out
/// @param multiple whether there may be several
/// @param multipleToken whether each of several has the token before it
/// @param parts of a [Type#ONEOF] or a [Type#BLOCK]
record CommandArgument(
        String name,
        Type type,
        @Nullable String token,
        boolean optional,
        boolean multiple,
        boolean multipleToken,
        List<CommandArgument> parts) {

    /// What it is.
    enum Type {
        STRING,
        INTEGER,
        DOUBLE,
        KEY,
        PATTERN,
        UNIX_TIME,
        PURE_TOKEN,
        ONEOF,
        BLOCK;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    CommandArgument {
        parts = List.copyOf(parts);
    }

    CommandArgument asOptional() {
        return new CommandArgument(name, type, token, true, multiple, multipleToken, parts);
    }

    CommandArgument asMultiple() {
        return new CommandArgument(name, type, token, optional, true, multipleToken, parts);
    }

    CommandArgument withEachToken() {
        return new CommandArgument(name, type, token, optional, true, true, parts);
    }

    CommandArgument named(String newName) {
        return new CommandArgument(newName, type, token, optional, multiple, multipleToken, parts);
    }

    CommandArgument after(String newToken) {
        return new CommandArgument(name, type, newToken, optional, multiple, multipleToken, parts);
    }

    /// How it is written, `[EX <seconds>]`.
    String text() {
        String itself = switch (type) {
            case ONEOF -> parts.stream().map(CommandArgument::text).collect(Collectors.joining("|"));
            case BLOCK -> parts.stream().map(CommandArgument::text).collect(Collectors.joining(" "));
            case PURE_TOKEN -> "";
            case STRING, INTEGER, DOUBLE, KEY, PATTERN, UNIX_TIME -> '<' + name + '>';
        };
        String one = token == null ? itself : type == Type.PURE_TOKEN ? token : token + ' ' + itself;
        String all = multiple ? one + " [" + (token == null || multipleToken ? one : itself) + " ...]" : one;
        return optional ? '[' + all + ']' : all;
    }

    /// The fewest words that it is written with.
    int minWords() {
        if (optional) {
            return 0;
        }
        int words = switch (type) {
            case ONEOF ->
                parts.stream().mapToInt(CommandArgument::minWords).min().orElse(0);
            case BLOCK -> parts.stream().mapToInt(CommandArgument::minWords).sum();
            case PURE_TOKEN -> 0;
            case STRING, INTEGER, DOUBLE, KEY, PATTERN, UNIX_TIME -> 1;
        };
        return words + (token == null ? 0 : 1);
    }

    /// Whether it may be written with more words than that.
    boolean isVariable() {
        return optional || multiple || parts.stream().anyMatch(CommandArgument::isVariable);
    }
}
