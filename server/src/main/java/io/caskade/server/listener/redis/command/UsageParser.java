package io.caskade.server.listener.redis.command;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads how a command is used: words in capitals are tokens, and come before the argument that follows; other
/// words are names of arguments, with a type after a colon; `[ ]` is what may be left out, `{ }` what belongs
/// together, either with `|` between alternatives and a `name =` before it; `...` follows what there may be
/// several of.
final class UsageParser {

    private static final Pattern WORDS = Pattern.compile("\\.\\.\\.|[\\[\\]{}|=]|[^\\s\\[\\]{}|=.]+");

    private final Deque<String> words;

    private UsageParser(String usage) {
        this.words = new ArrayDeque<>(
                WORDS.matcher(usage).results().map(MatchResult::group).toList());
    }

    /// The arguments of a usage.
    ///
    /// @throws IllegalArgumentException when it is none
    static List<CommandArgument> parse(String usage) {
        UsageParser parser = new UsageParser(usage);
        List<CommandArgument> arguments = parser.sequence();
        if (!parser.words.isEmpty()) {
            throw new IllegalArgumentException("an unexpected " + parser.words.peek() + " in: " + usage);
        }
        return arguments;
    }

    private List<CommandArgument> sequence() {
        List<CommandArgument> arguments = new ArrayList<>();
        while (!words.isEmpty() && !isNext("]") && !isNext("}") && !isNext("|")) {
            boolean isGroup = isNext("[") || isNext("{");
            CommandArgument argument = argument();
            if (isNext("...")) {
                words.remove();
                argument = isGroup && argument.token() != null ? argument.withEachToken() : argument.asMultiple();
            }
            arguments.add(argument);
        }
        return arguments;
    }

    private boolean isNext(String word) {
        return word.equals(words.peek());
    }

    private CommandArgument argument() {
        String word = words.remove();
        if (word.equals("[") || word.equals("{")) {
            return group(word, null);
        }
        if (isNext("=")) {
            words.remove();
            return group(words.remove(), word);
        }
        if (!isToken(word)) {
            return ofName(word);
        }
        String next = words.peek();
        if (next == null || isToken(next) || "[]}|...".contains(next)) {
            return new CommandArgument(
                    word.toLowerCase(Locale.ROOT),
                    CommandArgument.Type.PURE_TOKEN,
                    word,
                    false,
                    false,
                    false,
                    List.of());
        }
        return argument().after(word);
    }

    private CommandArgument group(String opening, @Nullable String name) {
        List<CommandArgument> alternatives = new ArrayList<>();
        alternatives.add(one(sequence()));
        while (isNext("|")) {
            words.remove();
            alternatives.add(one(sequence()));
        }
        boolean optional = opening.equals("[");
        String closing = words.remove();
        if (!closing.equals(optional ? "]" : "}")) {
            throw new IllegalArgumentException(closing + " does not end " + opening);
        }
        CommandArgument group = alternatives.size() == 1
                ? alternatives.getFirst()
                : new CommandArgument("option", CommandArgument.Type.ONEOF, null, false, false, false, alternatives);
        CommandArgument named = name == null ? group : group.named(name);
        return optional ? named.asOptional() : named;
    }

    /// What stands between two bars, or between brackets.
    private static CommandArgument one(List<CommandArgument> arguments) {
        return arguments.size() == 1
                ? arguments.getFirst()
                : new CommandArgument("arguments", CommandArgument.Type.BLOCK, null, false, false, false, arguments);
    }

    private static boolean isToken(String word) {
        return Character.isUpperCase(word.charAt(0));
    }

    private static CommandArgument ofName(String word) {
        int colon = word.indexOf(':');
        String name = colon < 0 ? word : word.substring(0, colon);
        CommandArgument.Type type = colon < 0
                ? CommandArgument.Type.STRING
                : CommandArgument.Type.valueOf(
                        word.substring(colon + 1).toUpperCase(Locale.ROOT).replace('-', '_'));
        return new CommandArgument(name, type, null, false, false, false, List.of());
    }
}
