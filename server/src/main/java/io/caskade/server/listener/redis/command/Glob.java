package io.caskade.server.listener.redis.command;

import java.util.Arrays;

/// A pattern as Redis matches keys: `*`, `?`, `[abc]`, `[^a-c]`, and `\` for a character itself. Immutable.
final class Glob {

    /// Matches everything.
    static final Glob ANY = new Glob(new byte[] {'*'}, false);

    /// Redis takes a pattern with more stars, the last one apart, for an attack, and finds nothing.
    private static final int MAX_STARS = 1000;

    private final byte[] pattern;
    private final boolean ignoresCase;

    /// @param pattern must not be changed afterwards
    /// @param ignoresCase whether letters match in whatever case
    Glob(byte[] pattern, boolean ignoresCase) {
        this.pattern = pattern;
        this.ignoresCase = ignoresCase;
    }

    /// What every key that matches begins with.
    byte[] prefix() {
        int end = 0;
        while (end < pattern.length && "*?[\\".indexOf(pattern[end]) < 0) {
            end++;
        }
        return Arrays.copyOf(pattern, end);
    }

    /// Whether it matches. Takes at most the product of both lengths: after a mismatch only the last star gets
    /// another character.
    boolean matches(byte[] text) {
        int p = 0;
        int t = 0;
        int stars = 0;
        int star = -2;
        int starText = 0;
        while (t < text.length) {
            if (p < pattern.length && pattern[p] == '*') {
                stars += p == star + 1 ? 0 : 1;
                star = p++;
                starText = t;
                if (stars > MAX_STARS && p < pattern.length) {
                    return false;
                }
            } else if (p < pattern.length && matchesOne(p, text[t])) {
                p = next(p);
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++starText;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    /// Whether the element of the pattern at an index matches a character.
    private boolean matchesOne(int index, byte character) {
        return switch (pattern[index]) {
            case '?' -> true;
            case '[' -> isInClass(index + 1, fold(character));
            case '\\' -> fold(pattern[Math.min(index + 1, pattern.length - 1)]) == fold(character);
            default -> fold(pattern[index]) == fold(character);
        };
    }

    private int fold(byte b) {
        return (ignoresCase ? Arguments.lower(b) : b) & 0xff;
    }

    private boolean isInClass(int from, int character) {
        boolean negated = from < pattern.length && pattern[from] == '^';
        int i = negated ? from + 1 : from;
        boolean found = false;
        while (i < pattern.length && pattern[i] != ']') {
            if (pattern[i] == '\\' && i + 1 < pattern.length) {
                found |= fold(pattern[i + 1]) == character;
                i += 2;
            } else if (i + 2 < pattern.length && pattern[i + 1] == '-') {
                int one = fold(pattern[i]);
                int other = fold(pattern[i + 2]);
                found |= character >= Math.min(one, other) && character <= Math.max(one, other);
                i += 3;
            } else {
                found |= fold(pattern[i]) == character;
                i++;
            }
        }
        return found != negated;
    }

    /// The index of the element after the one at an index. A class without its end goes to the pattern's end.
    private int next(int index) {
        return switch (pattern[index]) {
            case '\\' -> Math.min(index + 2, pattern.length);
            case '[' -> {
                int i = index + 1;
                if (i < pattern.length && pattern[i] == '^') {
                    i++;
                }
                while (i < pattern.length && pattern[i] != ']') {
                    boolean escaped = pattern[i] == '\\' && i + 1 < pattern.length;
                    boolean range = !escaped && i + 2 < pattern.length && pattern[i + 1] == '-';
                    i += escaped ? 2 : range ? 3 : 1;
                }
                yield Math.min(i + 1, pattern.length);
            }
            default -> index + 1;
        };
    }
}
