package io.caskade.cli.command;

import io.caskade.client.Bytes;
import java.util.Arrays;

/// A pattern of keys as Redis has them: `*` is any bytes, `?` one byte, `[abc]`, `[^abc]` and `[a-c]` one of
/// several or none of them, and a backslash makes the next byte an ordinary one. Immutable.
public final class GlobPattern {

    /// Every key.
    public static final GlobPattern ALL = new GlobPattern(Bytes.utf8("*"));

    private final byte[] pattern;

    public GlobPattern(Bytes pattern) {
        this.pattern = pattern.toArray();
    }

    /// The pattern itself.
    public Bytes bytes() {
        return Bytes.of(pattern);
    }

    /// What every key that matches begins with.
    public Bytes prefix() {
        byte[] prefix = new byte[pattern.length];
        int length = 0;
        int at = 0;
        while (at < pattern.length && pattern[at] != '*' && pattern[at] != '?' && pattern[at] != '[') {
            if (pattern[at] == '\\' && at + 1 < pattern.length) {
                at++;
            }
            prefix[length++] = pattern[at++];
        }
        return Bytes.of(Arrays.copyOf(prefix, length));
    }

    /// Whether a key matches.
    public boolean matches(Bytes key) {
        return matches(key.toArray());
    }

    /// Goes on, and where that fails, back to the last `*` once, with one byte more for it.
    private boolean matches(byte[] key) {
        int at = 0;
        int in = 0;
        int star = -1;
        int resume = 0;
        while (in < key.length) {
            if (at < pattern.length && pattern[at] == '*') {
                star = at++;
                resume = in;
            } else if (at < pattern.length && element(at).matches(key[in])) {
                at = element(at).end();
                in++;
            } else if (star >= 0) {
                at = star + 1;
                in = ++resume;
            } else {
                return false;
            }
        }
        while (at < pattern.length && pattern[at] == '*') {
            at++;
        }
        return at == pattern.length;
    }

    /// What stands for one byte.
    ///
    /// @param end the index behind it
    private record Element(byte[] pattern, int begin, int end) {

        boolean matches(byte b) {
            return switch (pattern[begin]) {
                case '?' -> true;
                case '[' -> matchesClass(b);
                case '\\' -> pattern[end - 1] == b;
                default -> pattern[begin] == b;
            };
        }

        private boolean matchesClass(byte b) {
            boolean negated = begin + 1 < end && pattern[begin + 1] == '^';
            int at = begin + (negated ? 2 : 1);
            int last = pattern[end - 1] == ']' && end - 1 > begin ? end - 1 : end;
            boolean found = false;
            while (at < last) {
                if (pattern[at] == '\\' && at + 1 < last) {
                    at++;
                    found |= pattern[at] == b;
                    at++;
                } else if (at + 2 < last && pattern[at + 1] == '-') {
                    int one = pattern[at] & 0xff;
                    int other = pattern[at + 2] & 0xff;
                    int given = b & 0xff;
                    found |= given >= Math.min(one, other) && given <= Math.max(one, other);
                    at += 3;
                } else {
                    found |= pattern[at] == b;
                    at++;
                }
            }
            return found != negated;
        }
    }

    private Element element(int begin) {
        return new Element(pattern, begin, endOf(begin));
    }

    /// The index behind what stands for one byte; a class that is not closed ends with the pattern.
    private int endOf(int begin) {
        if (pattern[begin] == '\\' && begin + 1 < pattern.length) {
            return begin + 2;
        }
        if (pattern[begin] != '[') {
            return begin + 1;
        }
        int at = begin + 1;
        while (at < pattern.length && pattern[at] != ']') {
            at += pattern[at] == '\\' ? 2 : 1;
        }
        return Math.min(pattern.length, at + 1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GlobPattern that && Arrays.equals(pattern, that.pattern);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(pattern);
    }

    /// The pattern as it can be typed.
    @Override
    public String toString() {
        return BytesFormat.word(Bytes.of(pattern));
    }
}
