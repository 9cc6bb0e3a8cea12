package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Role.Candidate;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Follower;
import io.caskade.server.replica.Role.Leader;
import io.caskade.server.replica.Role.PendingLeader;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Resigned;
import io.caskade.server.replica.Role.Stopped;
import io.caskade.server.replica.Role.Transferring;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Orderly handover. A leader whose node stops, that has a named successor, or whose copy is damaged accepts no
/// new requests, completes those in flight, and transfers leadership to a follower that has its whole log. A
/// follower whose node stops first asks its leader to remove it from the in-sync set.
final class LeadershipTransfer {

    private static final int SHUTDOWN_TIMEOUT_IN_GRACE_PERIODS = 4;

    private final LocalCopy copy;
    private final PartitionStateTracker tracker;
    private final ProposalBatcher batcher;
    private final Election election;
    private final Timeouts timeouts;
    private @Nullable ClockReading transferringSince;

    private @Nullable ClockReading stoppingSince;

    /// When the successor that was asked for took too long: writes are not held up for it again at once.
    private @Nullable ClockReading abandonedAt;

    LeadershipTransfer(
            LocalCopy copy,
            PartitionStateTracker tracker,
            ProposalBatcher batcher,
            Election election,
            Timeouts timeouts) {
        this.copy = copy;
        this.tracker = tracker;
        this.batcher = batcher;
        this.election = election;
        this.timeouts = timeouts;
    }

    /// The node is going down.
    void stop(ClockReading now, Effects.Builder effects) {
        if (copy.isStopping()) {
            return;
        }
        copy.markStopping();
        switch (copy.role()) {
            case Leader leader -> {
                copy.become(new Transferring(leader.epoch()));
                transferringSince = now;
            }
            case Follower _ -> {
                stoppingSince = now;
                if (isLeavingIsr(now)) {
                    copy.requireFollowerState().requestIsrRemoval(effects);
                }
                stopOnceOutOfSync(now, effects);
            }
            case Candidate _, PendingLeader _ -> becomeStopped(effects);
            case Transferring _ -> transferringSince = now;
            case Resigned _, Rebuilding _, Stopped _, Fenced _ -> {}
        }
    }

    /// A follower whose node stops leaves once it is not in sync any more, or when its leader cannot or does
    /// not let it leave within a grace: a copy that is in sync and gone holds all writes up for a lease.
    void stopOnceOutOfSync(ClockReading now, Effects.Builder effects) {
        ClockReading since = stoppingSince;
        FollowerState followerState = copy.followerState();
        boolean idle = followerState == null || !followerState.isBusy();
        if (since != null
                && idle
                && copy.role() instanceof Follower
                && (!isLeavingIsr(now) || now.since(since) >= timeouts.grace())) {
            becomeStopped(effects);
        }
    }

    /// A node that stops may take in no more images of the cluster.
    void tick(ClockReading now, Effects.Builder effects) {
        if (stoppingSince != null && copy.role() instanceof Follower) {
            tracker.refresh(now, effects);
        }
    }

    private boolean isLeavingIsr(ClockReading now) {
        if (!copy.isFollowing() || !tracker.isKnown()) {
            return false;
        }
        PartitionState current = tracker.current();
        FollowerState followerState = copy.requireFollowerState();
        return followerState.epoch() == current.epoch()
                && followerState.isStreaming()
                && followerState.failureDetector().hearsLeader(now)
                && current.isInSync(copy.identity())
                && current.isr().size() > current.minInSync();
    }

    /// The state may name another that is to lead: it does once that one follows closely.
    void beginIfRequested(Leader leader, ClockReading now) {
        String successor = tracker.current().successor();
        boolean justAbandoned = abandonedAt != null && now.since(abandonedAt) < timeouts.lag();
        if (successor != null
                && !justAbandoned
                && tracker.mayWrite()
                && copy.requireLeaderState().isReadyToLead(successor, tracker.current(), now)) {
            copy.become(new Transferring(leader.epoch()));
            transferringSince = now;
        }
    }

    /// The copy is damaged: another leads before it is fenced, if one follows closely.
    ///
    /// @return whether it hands over
    boolean beginForDamage(String reason, ClockReading now) {
        switch (copy.role()) {
            case Leader leader
            when copy.requireLeaderState().hasHealthyInSyncFollower(tracker.current(), now) -> {
                copy.become(new Transferring(leader.epoch()));
                transferringSince = now;
            }
            case Transferring _
            when copy.requireLeaderState().hasHealthyInSyncFollower(tracker.current(), now) -> transferringSince = now;
            case Resigned _ -> {}
            case Leader _,
                    Transferring _,
                    Follower _,
                    Candidate _,
                    PendingLeader _,
                    Fenced _,
                    Rebuilding _,
                    Stopped _ -> {
                return false;
            }
        }
        copy.recordDamage(reason);
        return true;
    }

    /// When nothing is under way any more, another one goes on: one that has all of the log. The lease is
    /// released before the compare-and-set is sent, since no one can know when it takes effect.
    void finishTransfer(Transferring transferring, ClockReading now, Effects.Builder effects) {
        PartitionState current = tracker.current();
        boolean idle = batcher.pending().isEmpty();
        boolean overdue = transferringSince != null && now.since(transferringSince) >= timeout();
        boolean alone = current.isr().equals(Set.of(copy.identity()));
        boolean stillRequested = mustResign() || (current.successor() != null && !tracker.isUnreachable());
        if (!stillRequested) {
            copy.become(new Leader(transferring.epoch()));
        } else if (idle && alone) {
            abandon(transferring, now, effects);
        } else if (idle && tracker.mayWrite() && !batcher.isSyncing()) {
            Optional<NodeIncarnation> successor = copy.requireLeaderState().successor(current, mustResign(), now);
            if (successor.isPresent()) {
                copy.become(new Resigned(transferring.epoch()));
                effects.info("hands over to " + successor.get().node() + ": " + cause());
                tracker.write(stateAfterTransfer(successor.get(), current), effects);
            } else if (overdue) {
                abandon(transferring, now, effects);
            }
        } else if (overdue) {
            abandon(transferring, now, effects);
        }
    }

    /// Without a hand-over the next leader waits a grace before anything is written, so one whose node stops
    /// waits longer than one that could as well lead on.
    private long timeout() {
        return copy.isStopping() ? SHUTDOWN_TIMEOUT_IN_GRACE_PERIODS * timeouts.grace() : timeouts.grace();
    }

    private String cause() {
        if (copy.isStopping()) {
            return "the node stops";
        }
        return copy.damage() == null ? "was asked to" : "its copy is damaged";
    }

    private void abandon(Transferring transferring, ClockReading now, Effects.Builder effects) {
        if (copy.isStopping()) {
            becomeStopped(effects);
            return;
        }
        if (copy.damage() != null) {
            election.stepDown(now, effects);
            return;
        }
        effects.warn("keeps the lead: " + tracker.current().successor() + " does not catch up");
        abandonedAt = now;
        copy.become(new Leader(transferring.epoch()));
    }

    private void becomeStopped(Effects.Builder effects) {
        copy.clearRoleState();
        copy.become(new Stopped());
        batcher.pending().refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_SERVING, effects);
    }

    /// Whether it cannot lead on, with or without a successor.
    private boolean mustResign() {
        return copy.isStopping() || copy.damage() != null;
    }

    /// One whose node stops, or that is damaged, leaves the in-sync set too, if enough stay: the next leader
    /// need not wait for it.
    private PartitionState stateAfterTransfer(NodeIncarnation successor, PartitionState current) {
        Set<CopyId> isr = new HashSet<>(current.isr());
        if (mustResign() && isr.size() > current.minInSync()) {
            isr.remove(copy.identity());
        }
        return current.withLeadership(successor, current.epoch() + 1, isr);
    }

    /// Finds out from the newest state whether another leads now, and asks again if not.
    void onState(Resigned resigned, boolean changed, ClockReading now, Effects.Builder effects) {
        PartitionState current = tracker.current();
        if (current.epoch() > resigned.epoch()) {
            election.stepDown(now, effects);
        } else if (changed) {
            NodeIncarnation successor =
                    copy.requireLeaderState().successor(current, true, now).orElse(null);
            if (successor == null) {
                election.stepDown(now, effects);
            } else {
                tracker.write(stateAfterTransfer(successor, current), effects);
            }
        }
    }
}
