package io.caskade.bitcask.hint;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.record.RecordKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Estimates the number of distinct keys in a log's hints from a sample of the hash space: hints count records,
/// not keys.
public final class HintEstimate {

    /// One key in two to the power of this is sampled.
    private static final int BITS = 8;

    /// Safety margin of the estimate, in standard deviations.
    private static final int DEVIATIONS = 4;

    private record Seen(RecordKind kind, KeyHash hash) {}

    private HintEstimate() {}

    /// Estimates the number of keys, more likely too high than too low.
    ///
    /// @param segments oldest first
    public static long keys(Disk disk, List<Path> segments, int partition, long fingerprint) {
        List<List<Seen>> seen = segments.parallelStream()
                .map(segment -> sample(disk, segment, partition, fingerprint))
                .toList();
        Set<KeyHash> keys = new HashSet<>();
        seen.forEach(hint -> hint.forEach(entry -> {
            switch (entry.kind()) {
                case PUT -> keys.add(entry.hash());
                case TOMBSTONE -> keys.remove(entry.hash());
                case CLEAR -> keys.clear();
                case MARK -> {}
            }
        }));
        return Math.round(keys.size() + DEVIATIONS * Math.sqrt(keys.size())) << BITS;
    }

    private static List<Seen> sample(Disk disk, Path segment, int partition, long fingerprint) {
        List<Seen> seen = new ArrayList<>();
        try {
            Optional<Hint> read = Hint.read(disk, segment, partition, fingerprint);
            read.ifPresent(hint -> {
                for (int entry = 0; entry < hint.entries(); entry++) {
                    if (hint.high(entry) >>> (Long.SIZE - BITS) == 0) {
                        seen.add(new Seen(hint.kind(entry), new KeyHash(hint.high(entry), hint.low(entry))));
                    }
                }
            });
            return seen;
        } catch (IOException e) {
            // Reported when the hint is needed.
            return seen;
        }
    }
}
