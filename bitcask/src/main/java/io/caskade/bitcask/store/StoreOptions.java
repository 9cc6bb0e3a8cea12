package io.caskade.bitcask.store;

import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.KeydirLimit;
import io.caskade.bitcask.log.LogOptions;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// The options of a store.
///
/// @param log its log's layout and durability
/// @param hasher the keydir's hash, keyed with the cluster's secret
/// @param cacheBytes the size of the value cache; 0 for none
/// @param boot identifies this boot of the machine, up to 128 printable ASCII characters; empty when unknown
/// @param identities makes a new random identity for a copy
/// @param nanoTime a monotonic clock
/// @param keydirLimit bounds the keydir's memory, perhaps together with others
public record StoreOptions(
        LogOptions log,
        KeyHasher hasher,
        long cacheBytes,
        String boot,
        Supplier<UUID> identities,
        LongSupplier nanoTime,
        KeydirLimit keydirLimit) {

    private static final int MAX_BOOT_LENGTH = 128;

    /// Without a bound on the keydir, by the system's clock.
    public StoreOptions(LogOptions log, KeyHasher hasher, long cacheBytes, String boot, Supplier<UUID> identities) {
        this(log, hasher, cacheBytes, boot, identities, System::nanoTime, KeydirLimit.none());
    }

    /// Checks the ranges.
    public StoreOptions {
        if (boot.length() > MAX_BOOT_LENGTH || !boot.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("a boot named \"" + boot + "\"");
        }
        if (cacheBytes < 0) {
            throw new IllegalArgumentException("a cache of " + cacheBytes + " bytes");
        }
    }
}
