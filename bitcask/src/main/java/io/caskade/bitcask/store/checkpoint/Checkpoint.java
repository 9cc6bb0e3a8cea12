package io.caskade.bitcask.store.checkpoint;

import io.caskade.bitcask.log.LogManifest;
import io.caskade.bitcask.store.index.InFlightRecords.Effect;
import java.util.List;

/// The head of a checkpoint: everything except the keydir's entries, with which a cleanly closed copy opens
/// without reading its log.
///
/// @param fingerprint of the secret that keys are hashed with
/// @param highWatermark the keydir has exactly the records up to this one
/// @param logTime the newest time in a committed MARK
/// @param segmentStats the statistics of each segment, in the order of the log
/// @param inFlight the records beyond the high watermark, oldest first
public record Checkpoint(
        long fingerprint,
        int partition,
        LogManifest log,
        long highWatermark,
        long logTime,
        List<long[]> segmentStats,
        List<Effect> inFlight) {

    /// Makes the lists immutable.
    public Checkpoint {
        segmentStats = List.copyOf(segmentStats);
        inFlight = List.copyOf(inFlight);
    }
}
