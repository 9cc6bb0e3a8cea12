package io.caskade.settings;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/// Finds the key that was probably meant by one that is not known.
final class NearestKey {

    private NearestKey() {}

    private record Candidate(String path, int distance) {}

    /// The known path nearest to `unknown`, by whole path or by last part alone; empty when none is near.
    static Optional<String> to(String unknown, Stream<String> known) {
        String name = lastPart(unknown);
        int bound = Math.max(1, name.length() / 3);
        return known.map(path -> new Candidate(path, Math.min(distance(unknown, path), distance(name, lastPart(path)))))
                .filter(candidate -> candidate.distance <= bound)
                .min(Comparator.comparingInt(Candidate::distance)
                        .thenComparingInt(candidate -> distance(unknown, candidate.path)))
                .map(Candidate::path);
    }

    private static String lastPart(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /// Levenshtein's: how many letters to insert, delete or replace.
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
