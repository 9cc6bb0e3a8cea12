package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Role.Leader;
import io.caskade.server.replica.Role.PendingLeader;
import io.caskade.server.replica.Role.Transferring;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A leader's work for clients and followers: accepts or refuses writes, advances the high watermark, completes
/// requests, streams records, and maintains the ISR.
final class LeaderTasks {

    /// At most this many purge-horizon updates per lag interval: each costs every replica two syncs.
    private static final long HORIZON_RAISES_PER_LAG = 5;

    /// Reads wait for a lease as long as this many of them last, and are refused then: their clients wait
    /// hardly longer, and would not learn why.
    private static final long MAX_LEASES_WAITED = 2;

    private final LocalCopy copy;
    private final PartitionStateTracker tracker;
    private final ProposalBatcher batcher;
    private final LeadershipTransfer transfer;
    private final IsrChangeLogger isrLogger = new IsrChangeLogger();
    private final long maxRetainedTombstones;
    private final long horizonMillis;
    private @Nullable ClockReading horizonRaisedAt;

    private final long maxLeaseWaitMillis;

    /// Since when this copy is known to serve without a lease; null when it has one or does not serve.
    private @Nullable ClockReading noLeaseSince;

    /// The last StreamOpen of each node that could not be answered yet.
    private final Map<String, PendingOpen> pendingOpens = new TreeMap<>();

    private record PendingOpen(NodeIncarnation sender, Message.StreamOpen open) {}

    LeaderTasks(
            LocalCopy copy,
            PartitionStateTracker tracker,
            ProposalBatcher batcher,
            LeadershipTransfer transfer,
            ReplicaOptions options) {
        this.copy = copy;
        this.tracker = tracker;
        this.batcher = batcher;
        this.transfer = transfer;
        this.maxRetainedTombstones = options.maxRetainedTombstones();
        this.maxLeaseWaitMillis = MAX_LEASES_WAITED * options.timeouts().lease();
        this.horizonMillis = options.timeouts().lag() / HORIZON_RAISES_PER_LAG;
    }

    /// Opens a stream at once, or later if this copy does not lead yet: a follower may learn of an epoch before
    /// its leader does, and does not retry for a while.
    void onStreamOpen(NodeIncarnation sender, Message.StreamOpen open, ClockReading now, Effects.Builder effects) {
        pendingOpens.put(sender.node(), new PendingOpen(sender, open));
        openStreams(now, effects);
    }

    /// A follower that opens a stream knows the epoch: send it a heartbeat at once, a new leader needs its
    /// grant.
    private void openStreams(ClockReading now, Effects.Builder effects) {
        LeaderState leaderState = copy.leaderState();
        if (leaderState == null || pendingOpens.isEmpty() || !leaderState.hasMark()) {
            return;
        }
        for (PendingOpen asked : pendingOpens.values()) {
            if (asked.open().epoch() == leaderState.epoch()) {
                leaderState.onStreamOpen(asked.sender(), asked.open(), now, effects);
                if (shouldSendHeartbeats(now)) {
                    leaderState.sendHeartbeat(asked.sender().node(), copy.isDamaged(), now, effects);
                }
            }
        }
        pendingOpens.values().removeIf(asked -> asked.open().epoch() <= leaderState.epoch());
    }

    /// Accepts or refuses a proposal.
    void propose(Proposal proposal, ClockReading now, Effects.Builder effects) {
        Refusal refusal = refusal(now);
        if (refusal != null) {
            effects.settle(proposal.token(), refusal);
        } else {
            batcher.pending().add(proposal);
        }
    }

    /// Holds an answer until what it depends on is committed.
    void requestReadBarrier(Event.ReadBarrierRequested request, ClockReading now, Effects.Builder effects) {
        Refusal refusal = refusal(now);
        if (refusal != null) {
            effects.settle(request.token(), refusal);
        } else if (request.time() > 0) {
            batcher.confirmAfterNextMark(request);
        } else {
            batcher.pending().addAnswer(request.token(), request.sequence());
        }
    }

    /// Why a request is refused now; null when it is accepted.
    private @Nullable Refusal refusal(ClockReading now) {
        Refusal refusal = copy.role().refusal();
        return refusal == null && (!hasEnoughReplicas(now) || isStuck(now)) ? Refusal.NOT_ENOUGH_REPLICAS : refusal;
    }

    /// Whether a copy in sync is silent and cannot be removed from the set: nothing can be committed or read
    /// before it returns, or ZooKeeper does.
    private boolean isStuck(ClockReading now) {
        Set<CopyId> members = tracker.maximalIsr();
        return tracker.isUnreachable() && !copy.requireLeaderState().hasLeaseFrom(members, now);
    }

    /// A pause of the process does not count: it is known to lack a lease only since it looked.
    private boolean hasWaitedTooLong(ClockReading now) {
        if (!(copy.role() instanceof Leader)) {
            noLeaseSince = null;
            return false;
        }
        ClockReading since = noLeaseSince == null ? now : noLeaseSince;
        noLeaseSince = since;
        return now.since(since) >= maxLeaseWaitMillis;
    }

    private boolean hasEnoughReplicas(ClockReading now) {
        PartitionState current = tracker.current();
        return copy.requireLeaderState().countLeaseGrants(current.isr(), now) >= current.minInSync();
    }

    /// Whether a read that was made before `now` may be answered: this copy leads and its lease has not
    /// expired, so no other copy can have become leader and changed anything since.
    boolean hasLease(ClockReading now) {
        boolean serves = copy.role() instanceof Leader || copy.role() instanceof Transferring;
        return serves && copy.requireLeaderState().hasLeaseFrom(tracker.maximalIsr(), now);
    }

    /// When the lease expires if no further grant comes; in the past when there is no lease.
    ClockReading leaseExpiresAt() {
        boolean serves = copy.role() instanceof Leader || copy.role() instanceof Transferring;
        return serves ? copy.requireLeaderState().leaseExpiresAt(tracker.maximalIsr()) : ClockReading.NEVER;
    }

    /// Advances the HW, completes requests, updates the ISR, sends records.
    void advance(ClockReading now, Effects.Builder effects) {
        LeaderState leaderState = copy.requireLeaderState();
        LogPositions positions = copy.positions();
        PendingRequests pending = batcher.pending();
        PartitionState current = tracker.current();
        openStreams(now, effects);
        if (current.isr().size() >= current.minInSync()) {
            copy.advanceHighWatermark(leaderState.minAcknowledgedEnd(tracker.maximalIsr()), effects);
        }
        if (copy.role() instanceof PendingLeader(int epoch, long epochStart)
                && epochStart <= positions.highWatermark()) {
            copy.become(new Leader(epoch));
            effects.info("serving in epoch " + epoch);
        }
        pending.settleLeaderAcked(positions.acknowledgedEnd(), effects);
        batcher.settleWrites(now, effects);
        if (hasLease(now)) {
            noLeaseSince = null;
            pending.settleAnswers(positions.highWatermark(), effects);
        } else if (isStuck(now) || hasWaitedTooLong(now)) {
            pending.refuseAnswers(positions.highWatermark(), Refusal.NOT_ENOUGH_REPLICAS, effects);
        }
        if (copy.role() instanceof Leader leader) {
            transfer.beginIfRequested(leader, now);
        }
        if (copy.role() instanceof Leader leader) {
            transfer.beginForFullDisk(leader, now);
        }
        if (copy.role() instanceof Transferring transferring) {
            transfer.finishTransfer(transferring, now, effects);
        }
        if (isAppending()) {
            updateIsr(leaderState, now, effects);
            raisePurgeHorizon(leaderState, now, effects);
            leaderState.sendRecords(tracker.current(), now, effects);
        }
    }

    /// Appends the open group.
    void appendGroup(ClockReading now, Effects.Builder effects) {
        if (isAppending()) {
            batcher.appendGroup(copy.requireLeaderState(), copy.role() instanceof Leader, now, effects);
        }
    }

    private boolean isAppending() {
        return copy.role() instanceof PendingLeader
                || copy.role() instanceof Leader
                || copy.role() instanceof Transferring;
    }

    /// Sends no heartbeats while the disk hangs, so that another copy takes over.
    private boolean shouldSendHeartbeats(ClockReading now) {
        return copy.isLeading() && !batcher.isSyncStalled(now);
    }

    void tick(ClockReading now, Effects.Builder effects) {
        if (shouldSendHeartbeats(now)) {
            copy.requireLeaderState().sendHeartbeat(tracker.current(), copy.isDamaged(), now, effects);
        }
        if (copy.isLeading()) {
            copy.requireLeaderState().closeStuckStreams(now);
        }
        if (copy.role() instanceof Leader) {
            batcher.markLastWrites(copy.requireLeaderState(), now, effects);
        }
    }

    /// A leader changes the ISR only after all older leases have expired. Until then every copy in the ISR must
    /// hold its MARK, and a copy that holds it grants no lease to an older leader.
    private void updateIsr(LeaderState leaderState, ClockReading now, Effects.Builder effects) {
        boolean mayChange = copy.role() instanceof Leader || leaderState.haveOlderLeasesEnded(now);
        if (!tracker.mayWrite() || !mayChange || batcher.isSyncStalled(now)) {
            return;
        }
        PartitionState current = tracker.current();
        if (!leaderState.wantsIsrChange(current, now)) {
            return;
        }
        Set<CopyId> wanted = leaderState.desiredIsr(current, now);
        if (!wanted.equals(current.isr())) {
            for (CopyId member : current.isr()) {
                if (!wanted.contains(member)) {
                    isrLogger.recordLeaveReason(member, leaderState.leaveReason(member, now));
                }
            }
            tracker.write(current.withIsr(wanted), effects);
        }
    }

    /// The newest state, in which this copy leads.
    void onState(PartitionState state, Effects.Builder effects) {
        isrLogger.onState(state, effects);
    }

    private void raisePurgeHorizon(LeaderState leaderState, ClockReading now, Effects.Builder effects) {
        if (horizonRaisedAt != null && now.since(horizonRaisedAt) < horizonMillis) {
            return;
        }
        LogPositions positions = copy.positions();
        long purgeHorizon = leaderState.nextPurgeHorizon(tracker.current(), maxRetainedTombstones, now);
        if (positions.raiseBounds(new Effects.Bounds(purgeHorizon, 0, 0))) {
            horizonRaisedAt = now;
            effects.bounds(positions.bounds());
        }
    }
}
