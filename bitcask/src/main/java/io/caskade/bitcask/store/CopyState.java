package io.caskade.bitcask.store;

import io.caskade.bitcask.log.Durability;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What a copy's directory says about itself beside its log.
///
/// @param id the copy's identity, random; never used again once the copy cannot prove that it has all it
///     acknowledged
/// @param formerIds the identities it had before it lost that proof, the oldest first: nobody may have learnt
///     of the
///     newer ones
/// @param partition the partition it is a copy of
/// @param durability what it was last opened with
/// @param boot which boot of the machine it was last opened in; empty when that cannot be known
/// @param watermark a sequence up to which all is known to be committed and synced
/// @param cleanEnd the log's end when it was closed with everything synced; empty while it is open and after
///     a crash
/// @param checkpoint the checksum by which that clean close's checkpoint is known; empty when it left none
/// @param bounds what the copy was told of the partition's log and must not forget
public record CopyState(
        UUID id,
        List<UUID> formerIds,
        int partition,
        Durability durability,
        String boot,
        long watermark,
        Optional<Long> cleanEnd,
        Optional<Integer> checkpoint,
        CopyBounds bounds) {

    private static final int MOST_FORMER_IDS = 16;

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
            long watermark,
            Optional<Long> cleanEnd) {
        this(id, formerIds, partition, durability, boot, watermark, cleanEnd, Optional.empty(), CopyBounds.NONE);
    }

    /// Whether the copy has all it ever acknowledged, as far as its own records tell: every write was synced
    /// before it was acknowledged, or all was synced at a clean close, or the memory of the machine has
    /// survived.
    public boolean provesCompleteness(String bootNow) {
        return durability == Durability.SYNC || cleanEnd.isPresent() || (!boot.isEmpty() && boot.equals(bootNow));
    }

    /// The sequence below which nothing may be missing.
    public long floor() {
        return cleanEnd.orElse(watermark);
    }

    /// The same copy under a new identity.
    public CopyState asStranger(UUID newId) {
        List<UUID> former = new ArrayList<>(formerIds);
        former.add(id);
        List<UUID> kept = former.subList(Math.max(0, former.size() - MOST_FORMER_IDS), former.size());
        return new CopyState(newId, kept, partition, durability, boot, watermark, cleanEnd, checkpoint, bounds);
    }

    /// What is said of a copy whose log was made anew and ends, synced, with a record: it lacks some of what it
    /// acknowledged, so it is another copy.
    public CopyState repaired(UUID newId, long end) {
        CopyState stranger = asStranger(newId);
        return new CopyState(
                stranger.id,
                stranger.formerIds,
                partition,
                durability,
                "",
                Math.min(watermark, end),
                Optional.of(end),
                Optional.empty(),
                bounds);
    }

    /// What is said of a copy that is made out of this one's records up to the last, all of them synced: it
    /// is another one, and none of those this one was.
    public CopyState restored(UUID newId, long end) {
        return new CopyState(
                newId, List.of(), partition, durability, "", end, Optional.of(end), Optional.empty(), bounds);
    }

    /// What is said of a copy nothing is known of but its log, which ends, synced, with a record.
    public static CopyState unknown(UUID id, int partition, long end) {
        return new CopyState(id, List.of(), partition, Durability.SYNC, "", end, Optional.of(end));
    }

    CopyState opened(Durability durabilityNow, String bootNow, long watermarkNow) {
        return new CopyState(
                id,
                formerIds,
                partition,
                durabilityNow,
                bootNow,
                watermarkNow,
                Optional.empty(),
                Optional.empty(),
                bounds);
    }

    /// The same copy, to which the memory of the machine proves nothing.
    CopyState withoutBoot() {
        return new CopyState(id, formerIds, partition, durability, "", watermark, cleanEnd, checkpoint, bounds);
    }

    CopyState closed(long watermarkNow, long end, Optional<Integer> checkpointNow) {
        return new CopyState(
                id, formerIds, partition, durability, boot, watermarkNow, Optional.of(end), checkpointNow, bounds);
    }

    CopyState bounded(CopyBounds now) {
        return new CopyState(id, formerIds, partition, durability, boot, watermark, cleanEnd, checkpoint, now);
    }
}
