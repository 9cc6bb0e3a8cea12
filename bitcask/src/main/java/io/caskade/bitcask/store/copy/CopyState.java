package io.caskade.bitcask.store.copy;

import io.caskade.bitcask.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The metadata of a copy: identity, partition and what is known to be durable.
///
/// @param id the copy's random identity; replaced once the copy is unproven
/// @param formerIds former identities, oldest first: a new one is taken whenever acknowledged records may be
///     lost; the newer ones may be unknown to the cluster
/// @param partition the partition it is a copy of
/// @param durability the durability it was last opened with
/// @param boot the boot of the machine it was last opened in; empty when unknown
/// @param highWatermark a sequence up to which all is known to be committed and synced
/// @param cleanEnd the log end at its clean close; empty while it is open and after a crash
/// @param checkpoint the checksum of that clean close's checkpoint; empty when it has none
/// @param bounds the persisted bounds
public record CopyState(
        UUID id,
        List<UUID> formerIds,
        int partition,
        Durability durability,
        String boot,
        long highWatermark,
        Optional<Long> cleanEnd,
        Optional<Integer> checkpoint,
        CopyBounds bounds) {

    private static final int MAX_FORMER_IDS = 16;

    /// Makes the list immutable.
    public CopyState {
        formerIds = List.copyOf(formerIds);
    }

    /// A copy without a checkpoint or bounds.
    public CopyState(
            UUID id,
            List<UUID> formerIds,
            int partition,
            Durability durability,
            String boot,
            long highWatermark,
            Optional<Long> cleanEnd) {
        this(id, formerIds, partition, durability, boot, highWatermark, cleanEnd, Optional.empty(), CopyBounds.NONE);
    }

    /// Whether the copy is proven to have everything it acknowledged: every write was synced before it was
    /// acknowledged, or everything was synced at a clean close, or the machine has not rebooted.
    public boolean provesCompleteness(String bootNow) {
        return durability == Durability.SYNC || cleanEnd.isPresent() || (!boot.isEmpty() && boot.equals(bootNow));
    }

    /// The sequence up to which nothing may be missing.
    public long recoveryPoint() {
        return cleanEnd.orElse(highWatermark);
    }

    /// The same copy under a new identity.
    public CopyState withNewId(UUID newId) {
        List<UUID> former = new ArrayList<>(formerIds);
        former.add(id);
        List<UUID> kept = former.subList(Math.max(0, former.size() - MAX_FORMER_IDS), former.size());
        return new CopyState(newId, kept, partition, durability, boot, highWatermark, cleanEnd, checkpoint, bounds);
    }

    /// The state of a copy whose log was rebuilt and ends, synced, at a record: it lacks acknowledged records,
    /// so it is another copy.
    public CopyState repaired(UUID newId, long end) {
        CopyState renamed = withNewId(newId);
        return new CopyState(
                renamed.id,
                renamed.formerIds,
                partition,
                durability,
                "",
                Math.min(highWatermark, end),
                Optional.of(end),
                Optional.empty(),
                bounds);
    }

    /// The state of a copy whose log was rewritten from what could be read, and ends, synced, at a record. Its
    /// sequences are new, so the bounds in old ones mean nothing; it has no tombstones.
    public CopyState salvaged(UUID newId, long end) {
        CopyState repaired = repaired(newId, end);
        return new CopyState(
                repaired.id,
                repaired.formerIds,
                partition,
                durability,
                "",
                end,
                Optional.of(end),
                Optional.empty(),
                new CopyBounds(end, 0, bounds.logTime()));
    }

    /// The state of a new copy restored from this one's records, all synced: it has a new identity and no
    /// former ones.
    public CopyState restored(UUID newId, long end) {
        return new CopyState(
                newId, List.of(), partition, durability, "", end, Optional.of(end), Optional.empty(), bounds);
    }

    /// The state of a copy whose log alone is known; it ends, synced, at a record.
    public static CopyState unknown(UUID id, int partition, long end) {
        return new CopyState(id, List.of(), partition, Durability.SYNC, "", end, Optional.of(end));
    }

    /// The state of the copy once it is opened.
    public CopyState opened(Durability durabilityNow, String bootNow, long highWatermarkNow) {
        return new CopyState(
                id,
                formerIds,
                partition,
                durabilityNow,
                bootNow,
                highWatermarkNow,
                Optional.empty(),
                Optional.empty(),
                bounds);
    }

    /// The same copy, unproven from now on.
    public CopyState withoutBoot() {
        return new CopyState(id, formerIds, partition, durability, "", highWatermark, cleanEnd, checkpoint, bounds);
    }

    /// The state of the copy once it is closed with everything synced.
    public CopyState closed(long highWatermarkNow, long end, Optional<Integer> checkpointNow) {
        return new CopyState(
                id, formerIds, partition, durability, boot, highWatermarkNow, Optional.of(end), checkpointNow, bounds);
    }

    /// The same copy with other bounds.
    public CopyState withBounds(CopyBounds now) {
        return new CopyState(id, formerIds, partition, durability, boot, highWatermark, cleanEnd, checkpoint, now);
    }
}
