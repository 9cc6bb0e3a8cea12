package io.caskade.bitcask.log;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.keydir.KeyHash;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reckons how many keys a log's hints leave, from those in a small part of the hash space: hints say how many records
/// there are, not how many of them are about the same keys.
final class HintSample {

    /// One key in two to the power of this is looked at.
    private static final int BITS = 8;

    /// How far the reckoning may be off, in standard deviations, before there are more keys than it says.
    private static final int DEVIATIONS = 4;

    private record Seen(RecordKind kind, KeyHash hash) {}

    private HintSample() {}

    /// About how many keys there are; rather more than less.
    ///
    /// @param segments oldest first
    static long keys(Disk disk, List<Path> segments, int partition, long fingerprint) {
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
            // It will be found again when the hint is needed, and said then.
            return seen;
        }
    }
}
