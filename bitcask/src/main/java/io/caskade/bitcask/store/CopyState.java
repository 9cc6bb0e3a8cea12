package io.caskade.bitcask.store;

import io.caskade.bitcask.log.Durability;
import java.util.Optional;
import java.util.UUID;

/// What a copy's directory says about itself beside its log.
///
/// @param id the copy's identity, random; never used again once the copy cannot prove that it has all it
///     acknowledged
/// @param formerId the identity it had before it lost that proof
/// @param partition the partition it is a copy of
/// @param durability what it was last opened with
/// @param boot which boot of the machine it was last opened in; empty when that cannot be known
/// @param watermark a sequence up to which all is known to be committed and synced
/// @param cleanEnd the log's end when it was closed with everything synced; empty while it is open and after
///     a crash
record CopyState(
        UUID id,
        Optional<UUID> formerId,
        int partition,
        Durability durability,
        String boot,
        long watermark,
        Optional<Long> cleanEnd) {

    /// Whether the copy has all it ever acknowledged, as far as its own records tell: every write was synced
    /// before it was acknowledged, or all was synced at a clean close, or the memory of the machine has
    /// survived.
    boolean provesCompleteness(String bootNow) {
        return durability == Durability.SYNC || cleanEnd.isPresent() || (!boot.isEmpty() && boot.equals(bootNow));
    }

    /// The sequence below which nothing may be missing.
    long floor() {
        return cleanEnd.orElse(watermark);
    }

    /// The same copy under a new identity.
    CopyState asStranger(UUID newId) {
        return new CopyState(newId, Optional.of(id), partition, durability, boot, watermark, cleanEnd);
    }

    CopyState opened(Durability durabilityNow, String bootNow, long watermarkNow) {
        return new CopyState(id, formerId, partition, durabilityNow, bootNow, watermarkNow, Optional.empty());
    }

    CopyState closed(long watermarkNow, long end) {
        return new CopyState(id, formerId, partition, durability, boot, watermarkNow, Optional.of(end));
    }
}
