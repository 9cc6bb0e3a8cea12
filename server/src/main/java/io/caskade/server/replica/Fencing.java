package io.caskade.server.replica;

import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Stopped;

/// What becomes of a copy that can no longer be trusted.
final class Fencing {

    private final LocalCopy copy;
    private final KnownState known;
    private final GroupCommit commits;
    private final Succession succession;

    Fencing(LocalCopy copy, KnownState known, GroupCommit commits, Succession succession) {
        this.copy = copy;
        this.known = known;
        this.commits = commits;
        this.succession = succession;
    }

    /// The copy does nothing any more.
    ///
    /// @param damaged whether another may be begun in its place
    void fence(String reason, boolean damaged, Effects.Builder effects) {
        if (copy.role() instanceof Fenced || copy.role() instanceof Stopped) {
            return;
        }
        effects.warn("fenced: " + reason);
        copy.letsGo();
        Fenced fenced = new Fenced(reason, damaged);
        copy.become(fenced);
        commits.pending().refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.COPY_FENCED, effects);
        if (known.isKnown()) {
            rebuildIfMay(fenced, effects);
        }
    }

    /// A damaged copy is set aside and another begun beside it, which takes its place among those in sync when
    /// it has caught up. The only one in sync stays as it is: somebody may want to save what can be saved.
    void rebuildIfMay(Fenced fenced, Effects.Builder effects) {
        PartitionState current = known.value();
        boolean others =
                current.inSync().stream().anyMatch(other -> !other.node().equals(copy.node()));
        if (fenced.damaged() && others && current.isReplica(copy.node())) {
            effects.warn("is set aside and another copy begun: " + fenced.reason());
            copy.become(new Rebuilding());
            effects.rebuild();
        }
    }

    /// The other copy was begun.
    void rebuilt(InSyncCopy fresh, Moment now, Effects.Builder effects) {
        copy.beginsAnew(fresh);
        if (copy.isStopping()) {
            copy.become(new Stopped());
        } else if (known.isKnown()) {
            succession.follow(now, effects);
        }
    }
}
