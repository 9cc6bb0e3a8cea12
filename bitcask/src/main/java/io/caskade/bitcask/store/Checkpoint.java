package io.caskade.bitcask.store;

import io.caskade.bitcask.log.LogImage;
import io.caskade.bitcask.store.InFlightRecords.Effect;
import java.util.List;

/// What a copy knows beside its keydir when it is closed cleanly, so that it can be opened without reading its log.
///
/// @param fingerprint of the secret that keys are hashed with
/// @param watermark the keydir shows all records up to this one and no others
/// @param logTime the newest time in a committed MARK
/// @param usage how much of each segment is of use, in the order of the log's segments
/// @param inFlight the records beyond the watermark, oldest first
record Checkpoint(
        long fingerprint,
        int partition,
        LogImage log,
        long watermark,
        long logTime,
        List<long[]> usage,
        List<Effect> inFlight) {

    /// Makes the lists immutable.
    Checkpoint {
        usage = List.copyOf(usage);
        inFlight = List.copyOf(inFlight);
    }
}
