package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Role.Candidate;
import io.caskade.server.replica.Role.Follower;
import io.caskade.server.replica.Role.PendingLeader;
import io.caskade.server.replica.Role.Stopped;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Elections: when this copy follows, campaigns, becomes leader and steps down.
final class Election {

    private final LocalCopy copy;
    private final PartitionStateTracker tracker;
    private final ProposalBatcher batcher;
    private final Timeouts timeouts;
    private @Nullable String blockedReason;

    /// The last status that was logged.
    private @Nullable String lastLogged;

    Election(LocalCopy copy, PartitionStateTracker tracker, ProposalBatcher batcher, Timeouts timeouts) {
        this.copy = copy;
        this.tracker = tracker;
        this.batcher = batcher;
        this.timeouts = timeouts;
    }

    /// Why the copy may neither lead nor follow, or null.
    @Nullable
    String blockedReason() {
        return blockedReason;
    }

    /// Applies the newest state to a copy that does not lead: follow, campaign, wait or block.
    void applyStateWhileNotLeading(ClockReading now, Effects.Builder effects) {
        PartitionState current = tracker.current();
        if (!current.isReplica(copy.node())) {
            copy.stopFollowing();
            logOnce("follows no leader: the partition is not assigned to this node", effects);
            return;
        }
        String blockedBefore = blockedReason;
        blockedReason = null;
        NodeIncarnation leader = current.leader();
        int latest = copy.positions().epochs().latest();
        if (copy.incarnation().equals(leader) && current.isInSync(copy.identity()) && current.epoch() > latest) {
            becomePendingLeader(current.epoch(), FormerLeader.NONE, now, effects);
            return;
        }
        FollowerState before = copy.followerState();
        if (before == null || before.epoch() != current.epoch()) {
            boolean noRemoteLeader = leader == null || leader.node().equals(copy.node());
            copy.startFollowing(new FollowerState(
                    current.epoch(), noRemoteLeader ? null : leader, timeouts, copy.positions(), now));
            copy.openStream(now, effects);
        }
        switch (ElectionEligibility.of(current, copy.identity(), copy.formerIdentities(), latest)) {
            case ElectionEligibility.Eligible eligible -> campaign(eligible.mayLoseWrites(), effects);
            case ElectionEligibility.Wait wait -> logOnce(wait.reason(), effects);
            case ElectionEligibility.Blocked blocked -> {
                blockedReason = blocked.reason();
                if (!blocked.reason().equals(blockedBefore)) {
                    effects.warn(blocked.reason());
                }
            }
        }
    }

    /// Logs a status only when it changes.
    private void logOnce(String status, Effects.Builder effects) {
        if (!status.equals(lastLogged)) {
            lastLogged = status;
            effects.info(status);
        }
    }

    /// The connections to a node broke.
    void onPeerDisconnected(String node, ClockReading now, Effects.Builder effects) {
        if (copy.isFollowing()) {
            copy.requireFollowerState().failureDetector().recordDisconnect(node);
            advancePreVote(now, effects);
        }
    }

    /// Runs the pre-vote about a silent leader, and campaigns if it succeeds.
    void advancePreVote(ClockReading now, Effects.Builder effects) {
        if (!copy.isFollowing()
                || copy.isStopping()
                || !tracker.mayWrite()
                || !(mayTakeOver(tracker.current()) || isUnproven(tracker.current()))) {
            return;
        }
        FailureDetector failureDetector = copy.requireFollowerState().failureDetector();
        if (failureDetector.shouldStartPreVote(now)) {
            long round = failureDetector.startPreVote(now);
            for (String node : tracker.current().replicas()) {
                if (!node.equals(copy.node())) {
                    effects.send(node, new Message.PreVoteRequest(tracker.epoch(), round));
                }
            }
        }
        LogPositions positions = copy.positions();
        int latest = positions.epochs().latest();
        if (isUnproven(tracker.current())) {
            if (failureDetector.concludeUncleanElection(
                    tracker.current(), copy.node(), latest, positions.logEnd(), now)) {
                campaign(true, effects);
            }
        } else if (failureDetector.concludePreVote(tracker.current(), copy.node(), latest, positions.logEnd(), now)) {
            // While elections are abandoned, one follows the other.
            if (!failureDetector.hasAbandonedElection()) {
                logStart(failureDetector, now, effects);
            }
            campaign(false, effects);
        }
    }

    private void logStart(FailureDetector failureDetector, ClockReading now, Effects.Builder effects) {
        NodeIncarnation leader = tracker.current().leader();
        String cause = leader == null ? "no leader" : "leader " + leader.node() + " " + failureDetector.cause(now);
        effects.info("starting election in epoch " + (tracker.epoch() + 1) + ": " + cause);
    }

    /// Whether this copy is unproven: a former identity of it is in the ISR.
    private boolean isUnproven(PartitionState current) {
        int latest = copy.positions().epochs().latest();
        return !current.isInSync(copy.identity())
                && current.isr().stream().anyMatch(copy.formerIdentities()::contains)
                && (current.epoch() >= latest
                        || ElectionEligibility.isSalvaged(current, copy.formerIdentities(), latest))
                && copy.positions().isComplete();
    }

    /// Whether the state allows this copy to take over when there is no live leader.
    private boolean mayTakeOver(PartitionState current) {
        boolean begins = current.epoch() == 0 && current.isReplica(copy.node());
        return (begins || current.isInSync(copy.identity()))
                && current.epoch() >= copy.positions().epochs().latest();
    }

    private void campaign(boolean mayLoseWrites, Effects.Builder effects) {
        PartitionState current = tracker.current();
        Set<CopyId> isr = current.epoch() == 0 || mayLoseWrites ? Set.of(copy.identity()) : current.isr();
        // A salvaged log is an epoch ahead.
        int epoch = Math.max(current.epoch(), copy.positions().epochs().latest()) + 1;
        PartitionState next = current.withLeadership(copy.incarnation(), epoch, isr);
        copy.become(new Candidate(next.epoch()));
        tracker.write(next, effects);
        if (mayLoseWrites) {
            effects.warn("unclean election: becoming candidate; acknowledged writes may be lost");
        }
    }

    /// The compare-and-set was never made: the copy follows again.
    void abandonCandidacy(ClockReading now, Effects.Builder effects) {
        FailureDetector failureDetector = copy.requireFollowerState().failureDetector();
        if (!failureDetector.hasAbandonedElection()) {
            effects.info("election abandoned, trying again: the partition's state cannot be changed now");
        }
        failureDetector.recordAbandonedElection();
        copy.become(new Follower());
        copy.openStream(now, effects);
    }

    /// A leader that is heard again is not silent, but gets no lease: the claim may have won already.
    void onHeartbeatWhileCandidate(NodeIncarnation sender, int epoch, ClockReading now) {
        if (copy.requireFollowerState().matches(epoch, sender)) {
            copy.requireFollowerState().failureDetector().recordContact(now);
        }
    }

    /// While the election's outcome is unknown, this copy grants no lease to older leaders.
    void onCandidateState(Candidate candidate, ClockReading now, Effects.Builder effects) {
        PartitionState current = tracker.current();
        if (current.epoch() == candidate.epoch() && copy.incarnation().equals(current.leader())) {
            becomePendingLeader(
                    candidate.epoch(),
                    copy.requireFollowerState().failureDetector().formerLeader(),
                    now,
                    effects);
        } else if (!tracker.hasPendingWrite()) {
            copy.become(new Follower());
            applyStateWhileNotLeading(now, effects);
        }
    }

    private void becomePendingLeader(int epoch, FormerLeader formerLeader, ClockReading now, Effects.Builder effects) {
        lastLogged = null;
        effects.info("elected leader in epoch " + epoch + ", in sync: "
                + IsrChangeLogger.nodeNames(tracker.current().isr()));
        long epochStart = copy.positions().logEnd() + 1;
        copy.startLeading(new LeaderState(
                epoch,
                copy.identity(),
                epochStart,
                now,
                formerLeader,
                copy.leaseGrantedUntil(),
                timeouts,
                copy.positions(),
                copy.throttle()));
        copy.become(new PendingLeader(epoch, epochStart));
        effects.wakeAfter(Math.max(0, copy.leaseGrantedUntil() - now.monotonic()));
        batcher.pending().requireMark();
    }

    /// Steps down if the newest state names another leader or a later epoch.
    void stepDownIfDeposed(int epoch, ClockReading now, Effects.Builder effects) {
        PartitionState current = tracker.current();
        NodeIncarnation leader = current.leader();
        if (current.epoch() == epoch && copy.incarnation().equals(leader)) {
            return;
        }
        effects.warn("stepping down: " + (leader == null ? "no leader" : leader.node() + " leads") + " in epoch "
                + current.epoch());
        stepDown(now, effects);
    }

    /// Steps down: writes that are logged but not committed have an unknown outcome.
    void stepDown(ClockReading now, Effects.Builder effects) {
        copy.stopLeading();
        batcher.pending().refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_LEADER, effects);
        copy.become(new Follower());
        if (copy.isStopping()) {
            copy.become(new Stopped());
        } else {
            applyStateWhileNotLeading(now, effects);
        }
    }
}
