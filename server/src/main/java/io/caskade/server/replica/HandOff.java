package io.caskade.server.replica;

import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Role.Claiming;
import io.caskade.server.replica.Role.Draining;
import io.caskade.server.replica.Role.Establishing;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Following;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Serving;
import io.caskade.server.replica.Role.Stopped;
import io.caskade.server.replica.Role.Yielding;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Stopping in order: a leader takes nothing new, lets what is under way end, and has a follower that holds all
/// of its log go on.
final class HandOff {

    private final LocalCopy copy;
    private final KnownState known;
    private final GroupCommit commits;
    private final Succession succession;
    private final Timing timing;
    private @Nullable Moment drainingSince;

    HandOff(LocalCopy copy, KnownState known, GroupCommit commits, Succession succession, Timing timing) {
        this.copy = copy;
        this.known = known;
        this.commits = commits;
        this.succession = succession;
        this.timing = timing;
    }

    /// The node is going down.
    void stop(Moment now, Effects.Builder effects) {
        copy.stops();
        switch (copy.role()) {
            case Serving serving -> {
                copy.become(new Draining(serving.epoch()));
                drainingSince = now;
            }
            case Following _, Claiming _, Establishing _ -> end(effects);
            case Draining _, Yielding _, Rebuilding _, Stopped _, Fenced _ -> {}
        }
    }

    /// When nothing is under way any more, another one goes on: one that has all of the log. The lease is
    /// released before the compare-and-set is sent, since nobody can know when it takes effect.
    void finishDraining(Draining draining, Moment now, Effects.Builder effects) {
        PartitionState current = known.value();
        boolean idle = commits.pending().isEmpty();
        boolean overdue = drainingSince != null && now.since(drainingSince) >= timing.grace();
        boolean alone = current.inSync().equals(Set.of(copy.identity()));
        if (idle && alone) {
            end(effects);
        } else if (idle && !known.isWriting() && !commits.isSyncing()) {
            Optional<Leader> successor = copy.leading().successor(current, now);
            if (successor.isPresent()) {
                copy.become(new Yielding(draining.epoch()));
                effects.inform("hands over to " + successor.get().node());
                known.write(handedTo(successor.get(), current), effects);
            } else if (overdue) {
                end(effects);
            }
        } else if (overdue) {
            end(effects);
        }
    }

    private void end(Effects.Builder effects) {
        copy.letsGo();
        copy.become(new Stopped());
        commits.pending().refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_SERVING, effects);
    }

    /// One who goes away leaves the in-sync set too, if enough stay: the next leader need not wait for it.
    private PartitionState handedTo(Leader successor, PartitionState current) {
        Set<InSyncCopy> inSync = new HashSet<>(current.inSync());
        if (inSync.size() > current.minInSync()) {
            inSync.remove(copy.identity());
        }
        return current.withLeadership(successor, current.epoch() + 1, inSync);
    }

    /// Finds out from the newest state whether another leads now, and asks again if not.
    void settle(Yielding yielding, boolean changed, Moment now, Effects.Builder effects) {
        PartitionState current = known.value();
        if (current.epoch() > yielding.epoch()) {
            succession.stepDown(now, effects);
        } else if (changed) {
            Leader successor = copy.leading().successor(current, now).orElse(null);
            if (successor == null) {
                succession.stepDown(now, effects);
            } else {
                known.write(handedTo(successor, current), effects);
            }
        }
    }
}
