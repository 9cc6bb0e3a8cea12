package io.caskade.server.listener.redis.command;

import java.util.ArrayList;
import java.util.List;

/// The longest common subsequence of two strings, by a table of the lengths for all pairs of their prefixes.
///
/// @param bytes it itself
/// @param matches the ranges of both strings that it consists of, from their ends to their starts
record CommonSubsequence(byte[] bytes, List<Match> matches) {

    /// A range of both strings that is the same, both ends included.
    record Match(int firstStart, int firstEnd, int secondStart, int secondEnd) {

        int length() {
            return firstEnd - firstStart + 1;
        }

        /// Whether the pair before it belongs to it.
        boolean isNextTo(int first, int second) {
            return firstStart == first + 1 && secondStart == second + 1;
        }
    }

    /// How many bytes the table takes.
    static long tableBytes(int firstLength, int secondLength) {
        return (firstLength + 1L) * (secondLength + 1L) * Integer.BYTES;
    }

    /// Computes it; the caller has checked what the table takes.
    static CommonSubsequence of(byte[] first, byte[] second) {
        int width = second.length + 1;
        int[] lengths = lengths(first, second);
        byte[] bytes = new byte[lengths[lengths.length - 1]];
        List<Match> matches = new ArrayList<>();
        int found = bytes.length;
        int i = first.length;
        int j = second.length;
        while (i > 0 && j > 0) {
            if (first[i - 1] == second[j - 1]) {
                i--;
                j--;
                bytes[--found] = first[i];
                extend(matches, i, j);
            } else if (lengths[(i - 1) * width + j] > lengths[i * width + j - 1]) {
                i--;
            } else {
                j--;
            }
        }
        return new CommonSubsequence(bytes, matches);
    }

    private static int[] lengths(byte[] first, byte[] second) {
        int width = second.length + 1;
        int[] lengths = new int[(first.length + 1) * width];
        for (int i = 1; i <= first.length; i++) {
            int row = i * width;
            for (int j = 1; j <= second.length; j++) {
                lengths[row + j] = first[i - 1] == second[j - 1]
                        ? lengths[row - width + j - 1] + 1
                        : Math.max(lengths[row - width + j], lengths[row + j - 1]);
            }
        }
        return lengths;
    }

    private static void extend(List<Match> matches, int first, int second) {
        if (!matches.isEmpty() && matches.getLast().isNextTo(first, second)) {
            Match last = matches.removeLast();
            matches.add(new Match(first, last.firstEnd(), second, last.secondEnd()));
        } else {
            matches.add(new Match(first, first, second, second));
        }
    }
}
