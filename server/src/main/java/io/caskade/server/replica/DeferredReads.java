package io.caskade.server.replica;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads that need no leader. Each waits until the copy has caught up with the read's context, or times out.
///
/// A context names a committed sequence and an epoch no later than the one that followed it in its history. A
/// copy whose committed log has a later epoch start at or before that sequence has lost that history for good.
/// A leader with a lease knows all that is committed: what it does not know never was, or was another
/// cluster's.
final class DeferredReads {

    /// @param until by the monotonic clock
    private record DeferredRead(Event.FollowerReadRequested read, long until) {}

    private final LocalCopy copy;
    private final LeaderTasks leaderTasks;
    private final List<DeferredRead> reads = new ArrayList<>();

    DeferredReads(LocalCopy copy, LeaderTasks leaderTasks) {
        this.copy = copy;
        this.leaderTasks = leaderTasks;
    }

    void add(Event.FollowerReadRequested read, ClockReading now) {
        reads.add(new DeferredRead(read, now.monotonic() + read.timeoutMillis()));
    }

    /// Completes the reads whose outcome is known.
    void advance(ClockReading now, Effects.Builder effects) {
        reads.removeIf(asked -> trySettle(asked, now, effects));
    }

    private boolean trySettle(DeferredRead asked, ClockReading now, Effects.Builder effects) {
        Event.FollowerReadRequested read = asked.read();
        Refusal refusal = refusal();
        if (refusal == null && isLost(read, now)) {
            refusal = Refusal.CONTEXT_LOST;
        } else if (refusal == null && !hasReached(read)) {
            if (now.monotonic() < asked.until()) {
                return false;
            }
            refusal = Refusal.BEHIND_CONTEXT;
        }
        effects.settle(read.token(), refusal);
        return true;
    }

    /// Why the copy serves no reads at all, or null. Where others can be asked, a damaged one is not.
    private @Nullable Refusal refusal() {
        return switch (copy.role()) {
            case Role.Fenced _ -> Refusal.COPY_FENCED;
            case Role.Rebuilding _, Role.Stopped _ -> Refusal.NOT_SERVING;
            case Role.Leader _ -> null;
            case Role.Follower _, Role.Candidate _, Role.PendingLeader _, Role.Transferring _, Role.Resigned _ ->
                copy.damage() == null ? null : Refusal.COPY_FENCED;
        };
    }

    /// An incomplete or empty copy serves no reads.
    private boolean hasReached(Event.FollowerReadRequested read) {
        LogPositions positions = copy.positions();
        return positions.isCompleteAt(positions.highWatermark())
                && positions.highWatermark() >= Math.max(1, read.sequence());
    }

    private boolean isLost(Event.FollowerReadRequested read, ClockReading now) {
        LogPositions positions = copy.positions();
        return positions.epochs().epochOf(Math.min(read.sequence(), positions.highWatermark())) > read.epoch()
                || isUnknownToLeader(read, now);
    }

    private boolean isUnknownToLeader(Event.FollowerReadRequested read, ClockReading now) {
        return copy.role() instanceof Role.Leader leader
                && leaderTasks.hasLease(now)
                && (read.epoch() > leader.epoch()
                        || read.sequence() > copy.positions().highWatermark());
    }
}
