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

    /// A damaged leader transfers leadership before it is fenced; reads verify checksums meanwhile.
    void onDamage(String reason, ClockReading now, Effects.Builder effects) {
        if (copy.damage() == null && transfer.beginForDamage(reason, now)) {
            effects.warn("copy damaged, transferring leadership: " + reason);
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

    /// Fences the copy: refuses all requests.
    ///
    /// @param rebuildable whether an empty copy may replace it
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

    /// Sets the copy aside and starts an empty one, which joins the ISR when it has caught up. The only in-sync
    /// copy stays as it is: an operator may want to salvage it.
    void rebuildIfAllowed(Fenced fenced, Effects.Builder effects) {
        PartitionState current = tracker.current();
        if (fenced.rebuildable() && current.hasOtherInSyncCopy(copy.node()) && current.isReplica(copy.node())) {
            effects.warn("setting the copy aside and starting an empty one: " + fenced.reason());
            copy.become(new Rebuilding());
            effects.rebuild();
        }
    }

    /// The empty copy has started.
    void onRebuilt(CopyId fresh, ClockReading now, Effects.Builder effects) {
        copy.replaceWith(fresh);
        if (copy.isStopping()) {
            copy.become(new Stopped());
        } else if (tracker.isKnown()) {
            election.applyStateWhileNotLeading(now, effects);
        }
    }
}
