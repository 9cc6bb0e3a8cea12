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

/// Leadership transfer. A leader that shuts down, has a named successor, is damaged, or has a full disk while
/// a follower has room accepts no new requests, completes those in flight, and transfers leadership to a
/// follower with its whole log. A follower that shuts down first asks its leader to remove it from the ISR.
final class LeadershipTransfer {

    private static final int SHUTDOWN_TIMEOUT_IN_GRACE_PERIODS = 4;

    private final LocalCopy copy;
    private final PartitionStateTracker tracker;
    private final ProposalBatcher batcher;
    private final Election election;
    private final Timeouts timeouts;
    private @Nullable ClockReading transferringSince;

    private @Nullable ClockReading stoppingSince;

    /// When the last transfer timed out; none starts for a while.
    private @Nullable ClockReading abandonedAt;

    /// Whether the transfer in progress is for a full disk.
    private boolean forFullDisk;

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

    /// Starts the shutdown of this replica.
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

    /// Stops a follower once it has left the ISR, or when its leader has not removed it within a grace period.
    /// An in-sync copy that disappears blocks all writes for a lease.
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

    /// Polls the state: a node that shuts down may get no more cluster images.
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

    /// Starts a transfer when the named successor is in sync and streaming, and has been for a while; from a
    /// damaged copy, when any whole follower is in sync and streaming.
    void beginIfRequested(Leader leader, ClockReading now) {
        if (!isRecent(abandonedAt, now) && tracker.mayWrite() && hasSuccessor(now)) {
            copy.become(new Transferring(leader.epoch()));
            transferringSince = now;
            forFullDisk = false;
        }
    }

    private boolean hasSuccessor(ClockReading now) {
        PartitionState current = tracker.current();
        String successor = current.successor();
        LeaderState leaderState = copy.requireLeaderState();
        return copy.isDamaged()
                ? leaderState.hasHealthyInSyncFollower(current, now)
                : successor != null
                        && leaderState.isReadyToLead(successor, current, now)
                        && !leaderState.hasJustConnected(successor, now);
    }

    /// Starts a transfer when this disk is full and that of a follower, in sync and streaming, has room. Not
    /// from a new leader: leadership must not go to and fro between disks that are all nearly full.
    void beginForFullDisk(Leader leader, ClockReading now) {
        if (copy.isDiskFull()
                && !isRecent(abandonedAt, now)
                && !isRecent(copy.requireLeaderState().since(), now)
                && tracker.mayWrite()
                && copy.requireLeaderState().hasFollowerWithRoom(tracker.current(), now)) {
            copy.become(new Transferring(leader.epoch()));
            transferringSince = now;
            forFullDisk = true;
        }
    }

    private boolean isRecent(@Nullable ClockReading when, ClockReading now) {
        return when != null && now.since(when) < timeouts.lag();
    }

    /// Once nothing is in flight, hands leadership to a follower with the whole log. Releases the lease before
    /// the compare-and-set is sent, since it may take effect at any time.
    void finishTransfer(Transferring transferring, ClockReading now, Effects.Builder effects) {
        PartitionState current = tracker.current();
        boolean idle = batcher.pending().isEmpty();
        boolean overdue = transferringSince != null && now.since(transferringSince) >= timeout();
        boolean alone = current.isr().equals(Set.of(copy.identity()));
        if (!isStillRequested(current)) {
            lead(transferring);
        } else if (idle && alone) {
            abandon(transferring, now, effects);
        } else if (idle && tracker.mayWrite() && !batcher.isSyncing()) {
            Optional<NodeIncarnation> successor = successor(current, now);
            if (successor.isPresent()) {
                copy.become(new Resigned(transferring.epoch()));
                effects.info("transferring leadership to " + successor.get().node() + ": " + cause());
                tracker.write(stateAfterTransfer(successor.get(), current), effects);
            } else if (overdue) {
                abandon(transferring, now, effects);
            }
        } else if (overdue) {
            abandon(transferring, now, effects);
        }
    }

    private boolean isStillRequested(PartitionState current) {
        boolean requested = current.successor() != null || isForFullDisk();
        return mustResign() || (requested && !tracker.isUnreachable());
    }

    private Optional<NodeIncarnation> successor(PartitionState current, ClockReading now) {
        return isForFullDisk() && !mustResign()
                ? copy.requireLeaderState().successorWithRoom(current, now)
                : copy.requireLeaderState().successor(current, mustResign(), now);
    }

    private boolean isForFullDisk() {
        return forFullDisk && copy.isDiskFull();
    }

    /// Goes on leading.
    private void lead(Transferring transferring) {
        forFullDisk = false;
        copy.become(new Leader(transferring.epoch()));
    }

    /// Without a transfer the next leader waits for older leases to end before it accepts writes, so a leader
    /// that shuts down waits longer than one that can keep leading.
    private long timeout() {
        return copy.isStopping() ? SHUTDOWN_TIMEOUT_IN_GRACE_PERIODS * timeouts.grace() : timeouts.grace();
    }

    private String cause() {
        if (copy.isStopping()) {
            return "its node is shutting down";
        }
        if (copy.isDamaged()) {
            return "its copy is damaged";
        }
        return isForFullDisk() ? "its disk is full" : "requested";
    }

    private void abandon(Transferring transferring, ClockReading now, Effects.Builder effects) {
        if (copy.isStopping()) {
            becomeStopped(effects);
            return;
        }
        effects.warn("leadership transfer aborted: " + laggard());
        abandonedAt = now;
        lead(transferring);
    }

    private String laggard() {
        String successor = tracker.current().successor();
        if (isForFullDisk()) {
            return "no follower with room caught up";
        }
        return successor == null ? "no follower caught up" : successor + " did not catch up";
    }

    private void becomeStopped(Effects.Builder effects) {
        copy.clearRoleState();
        copy.become(new Stopped());
        batcher.pending().refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_SERVING, effects);
    }

    /// Whether this copy must stop leading, with or without a successor.
    private boolean mustResign() {
        return copy.isStopping() || copy.isDamaged();
    }

    /// The state with the successor as leader. A leader that shuts down, is damaged or has a full disk leaves
    /// the ISR too, if min-insync allows: the next leader need not wait for it.
    private PartitionState stateAfterTransfer(NodeIncarnation successor, PartitionState current) {
        Set<CopyId> isr = new HashSet<>(current.isr());
        if ((mustResign() || isForFullDisk()) && isr.size() > current.minInSync()) {
            isr.remove(copy.identity());
        }
        return current.withLeadership(successor, current.epoch() + 1, isr);
    }

    /// Checks whether the newest state names another leader, and tries again if not.
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
