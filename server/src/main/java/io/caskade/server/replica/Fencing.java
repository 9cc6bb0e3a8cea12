package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Follower;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Stopped;

/// Fences and rebuilds copies that can no longer be trusted.
///
/// The last whole copy is kept: a damaged copy serves what it can read, and is replaced only once it follows a
/// leader that is alive and knows of no damage in its own copy.
final class Fencing {

    private final LocalCopy copy;
    private final PartitionStateTracker tracker;
    private final ProposalBatcher batcher;
    private final Election election;

    Fencing(LocalCopy copy, PartitionStateTracker tracker, ProposalBatcher batcher, Election election) {
        this.copy = copy;
        this.tracker = tracker;
        this.batcher = batcher;
        this.election = election;
    }

    /// A damaged copy serves on: reads and streams verify checksums. A leader transfers leadership as soon as
    /// a whole copy is in sync; a follower is replaced with the next heartbeat of a leader whose copy is
    /// whole.
    void onDamage(String reason, Effects.Builder effects) {
        if (!copy.isDamaged() && !(copy.role() instanceof Fenced || copy.role() instanceof Stopped)) {
            copy.recordDamage(reason);
            effects.error("copy damaged, kept until another in-sync copy is known to be whole: " + reason);
        }
    }

    /// Replaces a damaged copy when its leader is heard from and knows of no damage in its own copy, which is
    /// in sync.
    void onHeartbeat(Message.Heartbeat heartbeat, Effects.Builder effects) {
        String damage = copy.damage();
        if (damage != null && !heartbeat.damaged() && copy.role() instanceof Follower) {
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

    /// Sets the copy aside and starts an empty one, which joins the ISR when it has caught up. The only
    /// in-sync copy stays as it is: an operator may want to salvage it.
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
