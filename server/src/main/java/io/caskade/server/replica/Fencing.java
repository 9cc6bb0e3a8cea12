package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Follower;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Stopped;

/// Fences and rebuilds copies that can no longer be trusted.
final class Fencing {

    private final LocalCopy copy;
    private final PartitionStateTracker tracker;
    private final ProposalBatcher batcher;
    private final Election election;
    private final LeadershipTransfer transfer;

    Fencing(
            LocalCopy copy,
            PartitionStateTracker tracker,
            ProposalBatcher batcher,
            Election election,
            LeadershipTransfer transfer) {
        this.copy = copy;
        this.tracker = tracker;
        this.batcher = batcher;
        this.election = election;
        this.transfer = transfer;
    }

    /// Something in the copy is damaged. One that leads hands over first, if another copy can take over: reads
    /// verify what they serve, and the end of the log, which the next leader must have, is none of what is
    /// damaged or shows it.
    void onDamage(String reason, ClockReading now, Effects.Builder effects) {
        if (copy.damage() == null && transfer.beginForDamage(reason, now)) {
            effects.warn("is damaged and hands over: " + reason);
        } else if (copy.damage() == null) {
            fence(reason, true, effects);
        }
    }

    /// Fences a damaged copy once it no longer leads, whether another copy has taken over or not.
    void fenceIfDamaged(Effects.Builder effects) {
        String damage = copy.damage();
        if (damage != null && copy.role() instanceof Follower) {
            fence(damage, true, effects);
        }
    }

    /// The copy does nothing any more.
    ///
    /// @param rebuildable whether another may be begun in its place
    void fence(String reason, boolean rebuildable, Effects.Builder effects) {
        if (copy.role() instanceof Fenced || copy.role() instanceof Stopped) {
            return;
        }
        effects.error("fenced: " + reason);
        copy.clearRoleState();
        Fenced fenced = new Fenced(reason, rebuildable);
        copy.become(fenced);
        batcher.pending().refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.COPY_FENCED, effects);
        if (tracker.isKnown()) {
            rebuildIfAllowed(fenced, effects);
        }
    }

    /// A damaged copy is set aside and another begun beside it, which takes its place among those in sync when
    /// it has caught up. The only one in sync stays as it is: an operator may want to salvage it.
    void rebuildIfAllowed(Fenced fenced, Effects.Builder effects) {
        PartitionState current = tracker.current();
        boolean others = current.isr().stream().anyMatch(other -> !other.node().equals(copy.node()));
        if (fenced.rebuildable() && others && current.isReplica(copy.node())) {
            effects.warn("is set aside and replaced by an empty copy: " + fenced.reason());
            copy.become(new Rebuilding());
            effects.rebuild();
        }
    }

    /// The other copy was begun.
    void onRebuilt(CopyId fresh, ClockReading now, Effects.Builder effects) {
        copy.replaceWith(fresh);
        if (copy.isStopping()) {
            copy.become(new Stopped());
        } else if (tracker.isKnown()) {
            election.applyStateWhileNotLeading(now, effects);
        }
    }
}
