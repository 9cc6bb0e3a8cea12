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

/// Going in order. A leader whose node stops, that another is to follow or whose copy is damaged takes nothing
/// new, lets what is under way end, and has a follower that holds all of its log go on. A follower whose node
/// stops has its leader let it leave the in-sync set first.
final class HandOff {

    private static final int STOPPING_GRACES = 4;

    private final LocalCopy copy;
    private final KnownState known;
    private final GroupCommit commits;
    private final Succession succession;
    private final Timing timing;
    private @Nullable Moment drainingSince;

    private @Nullable Moment stoppingSince;

    /// When the successor that was asked for took too long: writes are not held up for it again at once.
    private @Nullable Moment gaveUpAt;

    HandOff(LocalCopy copy, KnownState known, GroupCommit commits, Succession succession, Timing timing) {
        this.copy = copy;
        this.known = known;
        this.commits = commits;
        this.succession = succession;
        this.timing = timing;
    }

    /// The node is going down.
    void stop(Moment now, Effects.Builder effects) {
        if (copy.isStopping()) {
            return;
        }
        copy.stops();
        switch (copy.role()) {
            case Serving serving -> {
                copy.become(new Draining(serving.epoch()));
                drainingSince = now;
            }
            case Following _ -> {
                stoppingSince = now;
                if (isToBeLetGo(now)) {
                    copy.following().stops(effects);
                }
                endOnceLetGo(now, effects);
            }
            case Claiming _, Establishing _ -> end(effects);
            case Draining _ -> drainingSince = now;
            case Yielding _, Rebuilding _, Stopped _, Fenced _ -> {}
        }
    }

    /// A follower that stops goes once it is not in sync any more, or when its leader cannot let it go or does not in a
    /// grace: whoever is in sync and gone holds all writes up for a lease.
    void endOnceLetGo(Moment now, Effects.Builder effects) {
        Moment since = stoppingSince;
        Followership followership = copy.followership();
        boolean idle = followership == null || !followership.isBusy();
        if (since != null
                && idle
                && copy.role() instanceof Following
                && (!isToBeLetGo(now) || now.since(since) >= timing.grace())) {
            end(effects);
        }
    }

    /// A node that stops may take in no more images of the cluster.
    void tick(Moment now, Effects.Builder effects) {
        if (stoppingSince != null && copy.role() instanceof Following) {
            known.look(now, effects);
        }
    }

    private boolean isToBeLetGo(Moment now) {
        if (!copy.follows() || !known.isKnown()) {
            return false;
        }
        PartitionState current = known.value();
        Followership followership = copy.following();
        return followership.epoch() == current.epoch()
                && followership.isFed()
                && followership.suspicion().hears(now)
                && current.isInSync(copy.identity())
                && current.inSync().size() > current.minInSync();
    }

    /// The state may name another that is to lead: it does once that one follows closely.
    void beginIfAsked(Serving serving, Moment now) {
        String successor = known.value().successor();
        boolean tired = gaveUpAt != null && now.since(gaveUpAt) < timing.lag();
        if (successor != null && !tired && copy.leading().isFollowedBy(successor, known.value(), now)) {
            copy.become(new Draining(serving.epoch()));
            drainingSince = now;
        }
    }

    /// The copy is damaged: another leads before it is fenced, if one follows closely.
    ///
    /// @return whether it hands over
    boolean beginForDamage(String reason, Moment now) {
        switch (copy.role()) {
            case Serving serving
            when copy.leading().isFollowed(known.value(), now) -> {
                copy.become(new Draining(serving.epoch()));
                drainingSince = now;
            }
            case Draining _ when copy.leading().isFollowed(known.value(), now) -> drainingSince = now;
            case Yielding _ -> {}
            case Serving _, Draining _, Following _, Claiming _, Establishing _, Fenced _, Rebuilding _, Stopped _ -> {
                return false;
            }
        }
        copy.isDamagedBy(reason);
        return true;
    }

    /// When nothing is under way any more, another one goes on: one that has all of the log. The lease is
    /// released before the compare-and-set is sent, since nobody can know when it takes effect.
    void finishDraining(Draining draining, Moment now, Effects.Builder effects) {
        PartitionState current = known.value();
        boolean idle = commits.pending().isEmpty();
        boolean overdue = drainingSince != null && now.since(drainingSince) >= patience();
        boolean alone = current.inSync().equals(Set.of(copy.identity()));
        boolean called = mustGo() || current.successor() != null;
        if (!called) {
            copy.become(new Serving(draining.epoch()));
        } else if (idle && alone) {
            giveUp(draining, now, effects);
        } else if (idle && !known.isWriting() && !commits.isSyncing()) {
            Optional<Leader> successor = copy.leading().successor(current, mustGo(), now);
            if (successor.isPresent()) {
                copy.become(new Yielding(draining.epoch()));
                effects.inform("hands over to " + successor.get().node() + ": " + cause());
                known.write(handedTo(successor.get(), current), effects);
            } else if (overdue) {
                giveUp(draining, now, effects);
            }
        } else if (overdue) {
            giveUp(draining, now, effects);
        }
    }

    /// Without a hand-over the next leader waits a grace before anything is written, so one that stops has more
    /// patience than one that could as well lead on.
    private long patience() {
        return copy.isStopping() ? STOPPING_GRACES * timing.grace() : timing.grace();
    }

    private String cause() {
        if (copy.isStopping()) {
            return "the node stops";
        }
        return copy.damage() == null ? "was asked to" : "its copy is damaged";
    }

    private void giveUp(Draining draining, Moment now, Effects.Builder effects) {
        if (copy.isStopping()) {
            end(effects);
            return;
        }
        if (copy.damage() != null) {
            succession.stepDown(now, effects);
            return;
        }
        effects.warn("goes on leading: " + known.value().successor() + " does not catch up");
        gaveUpAt = now;
        copy.become(new Serving(draining.epoch()));
    }

    private void end(Effects.Builder effects) {
        copy.letsGo();
        copy.become(new Stopped());
        commits.pending().refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_SERVING, effects);
    }

    /// Whether it cannot lead on, whoever comes next.
    private boolean mustGo() {
        return copy.isStopping() || copy.damage() != null;
    }

    /// One whose node stops, or that is damaged, leaves the in-sync set too, if enough stay: the next leader need not
    /// wait for it.
    private PartitionState handedTo(Leader successor, PartitionState current) {
        Set<InSyncCopy> inSync = new HashSet<>(current.inSync());
        if (mustGo() && inSync.size() > current.minInSync()) {
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
            Leader successor = copy.leading().successor(current, true, now).orElse(null);
            if (successor == null) {
                succession.stepDown(now, effects);
            } else {
                known.write(handedTo(successor, current), effects);
            }
        }
    }
}
