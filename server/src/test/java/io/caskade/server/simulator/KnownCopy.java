package io.caskade.server.simulator;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.store.Store;

/// What a copy on a machine's disk was known to hold when its process was last heard of.
///
/// @param durableEnd the last record that survives a power failure
/// @param damaged whether bits of it have flipped that were not noticed, or not reported, yet
record KnownCopy(String id, long durableEnd, EpochHistory epochs, boolean damaged) {

    /// What an open copy holds.
    static KnownCopy of(Store store, boolean damaged) {
        return new KnownCopy(store.id().toString(), store.durableEnd(), store.epochs(), damaged);
    }

    KnownCopy asDamaged() {
        return new KnownCopy(id, durableEnd, epochs, true);
    }

    KnownCopy asIntact() {
        return new KnownCopy(id, durableEnd, epochs, false);
    }
}
