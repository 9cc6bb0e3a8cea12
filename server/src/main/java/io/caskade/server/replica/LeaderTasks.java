package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Role.Draining;
import io.caskade.server.replica.Role.Leader;
import io.caskade.server.replica.Role.PendingLeader;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A leader's work for clients and followers: accepts or refuses writes, advances the high watermark, answers,
/// streams records, and maintains the in-sync set.
final class LeaderTasks {

    /// The purge horizon is raised so many times at most while a copy may lag: all copies keep a new one for
    /// good, each with two syncs, and nothing is lost when it comes late.
    private static final long HORIZON_RAISES_PER_LAG = 5;

    private final LocalCopy copy;
    private final PartitionStateTracker tracker;
    private final ProposalBatcher batcher;
    private final LeadershipTransfer transfer;
    private final IsrChangeLogger isrLogger = new IsrChangeLogger();
    private final long maxRetainedTombstones;
    private final long horizonMillis;
    private @Nullable ClockReading horizonRaisedAt;

    /// The last stream that each node has asked for and that could not be opened yet.
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
        this.horizonMillis = options.timeouts().lag() / HORIZON_RAISES_PER_LAG;
    }

    /// Opens a stream, at once or when that can be done: a follower may hear of an epoch before its leader
    /// does, and does not ask again for a while.
    void onStreamOpen(NodeIncarnation sender, Message.StreamOpen open, ClockReading now, Effects.Builder effects) {
        pendingOpens.put(sender.node(), new PendingOpen(sender, open));
        openStreams(now, effects);
    }

    /// Who asks for a stream knows the epoch and is asked for its support at once: a new leader takes nothing
    /// and answers nothing without.
    private void openStreams(ClockReading now, Effects.Builder effects) {
        LeaderState leaderState = copy.leaderState();
        if (leaderState == null || pendingOpens.isEmpty() || !leaderState.hasMark()) {
            return;
        }
        for (PendingOpen asked : pendingOpens.values()) {
            if (asked.open().epoch() == leaderState.epoch()) {
                leaderState.onStreamOpen(asked.sender(), asked.open(), now, effects);
                if (shouldSendHeartbeats(now)) {
                    leaderState.sendHeartbeat(asked.sender().node(), now, effects);
                }
            }
        }
        pendingOpens.values().removeIf(asked -> asked.open().epoch() <= leaderState.epoch());
    }

    /// Takes a proposal in, or refuses it with nothing done.
    void propose(Proposal proposal, ClockReading now, Effects.Builder effects) {
        PendingWrites pending = batcher.pending();
        Refusal refusal = refusal(now);
        if (refusal == null && !pending.hasRoomFor(proposal)) {
            refusal = Refusal.BUSY;
        }
        if (refusal != null) {
            effects.settle(proposal.token(), refusal);
        } else {
            pending.add(proposal);
        }
    }

    /// Holds an answer until what it rests on is committed.
    void requestConfirm(Event.ConfirmRequested request, ClockReading now, Effects.Builder effects) {
        Refusal refusal = refusal(now);
        if (refusal != null) {
            effects.settle(request.token(), refusal);
        } else if (request.time() > 0) {
            batcher.confirmBehindNextMark(request);
        } else {
            batcher.pending().addAnswer(request.token(), request.sequence());
        }
    }

    /// Why a request is refused now; null when it is accepted.
    private @Nullable Refusal refusal(ClockReading now) {
        Refusal refusal = copy.role().refusal();
        return refusal == null && !hasEnoughReplicas(now) ? Refusal.NOT_ENOUGH_REPLICAS : refusal;
    }

    private boolean hasEnoughReplicas(ClockReading now) {
        PartitionState current = tracker.current();
        return copy.requireLeaderState().supporters(current.inSync(), now) >= current.minInSync();
    }

    /// Whether a read that was made before `now` may be answered: this is the leader, and no other copy can
    /// have become one that has changed anything since.
    boolean mayAnswer(ClockReading now) {
        boolean serves = copy.role() instanceof Leader || copy.role() instanceof Draining;
        return serves && copy.requireLeaderState().isSupportedBy(tracker.maximalInSync(), now);
    }

    /// Until when [#mayAnswer] holds if nothing more is heard; not at all if it is past.
    ClockReading mayAnswerUntil() {
        boolean serves = copy.role() instanceof Leader || copy.role() instanceof Draining;
        return serves ? copy.requireLeaderState().supportedUntil(tracker.maximalInSync()) : ClockReading.NEVER;
    }

    /// Does all that has become possible.
    void advance(ClockReading now, Effects.Builder effects) {
        LeaderState leaderState = copy.requireLeaderState();
        Offsets offsets = copy.offsets();
        PendingWrites pending = batcher.pending();
        PartitionState current = tracker.current();
        openStreams(now, effects);
        if (current.inSync().size() >= current.minInSync()) {
            copy.commit(leaderState.commonEnd(tracker.maximalInSync()), effects);
        }
        if (copy.role() instanceof PendingLeader(int epoch, long mark) && mark <= offsets.highWatermark()) {
            copy.become(new Leader(epoch));
            effects.inform("serves in epoch " + epoch);
        }
        pending.settleLeaderAcked(offsets.acknowledgedEnd(), effects);
        pending.settleWrites(offsets.highWatermark(), effects);
        if (mayAnswer(now)) {
            pending.settleAnswers(offsets.highWatermark(), effects);
        }
        if (copy.role() instanceof Leader leader) {
            transfer.beginIfRequested(leader, now);
        }
        if (copy.role() instanceof Draining draining) {
            transfer.finishDraining(draining, now, effects);
        }
        if (isAppending()) {
            updateInSync(leaderState, now, effects);
            raiseHorizon(leaderState, now, effects);
            leaderState.sendRecords(effects);
        }
    }

    /// Writes what has gathered.
    void flush(ClockReading now, Effects.Builder effects) {
        if (isAppending()) {
            batcher.flush(copy.requireLeaderState(), copy.role() instanceof Leader, now, effects);
        }
    }

    private boolean isAppending() {
        return copy.role() instanceof PendingLeader || copy.role() instanceof Leader || copy.role() instanceof Draining;
    }

    /// Not when the disk hangs: a leader that cannot serve lets the others notice.
    private boolean shouldSendHeartbeats(ClockReading now) {
        return copy.isLeading() && !batcher.isStalled(now);
    }

    void tick(ClockReading now, Effects.Builder effects) {
        if (shouldSendHeartbeats(now)) {
            copy.requireLeaderState().sendHeartbeat(tracker.current(), now, effects);
        }
        if (copy.isLeading()) {
            copy.requireLeaderState().closeStuckStreams(now);
        }
        if (copy.role() instanceof Leader) {
            batcher.markLastWrites(copy.requireLeaderState(), now, effects);
        }
    }

    /// A leader changes the in-sync set only once no older leader can have a lease: until then all that were in
    /// sync must hold its MARK, and a copy that holds it supports no older leader any more.
    private void updateInSync(LeaderState leaderState, ClockReading now, Effects.Builder effects) {
        boolean mayChange = copy.role() instanceof Leader || leaderState.haveOlderLeasesEnded(now);
        if (!tracker.isSettled() || !mayChange || batcher.isStalled(now)) {
            return;
        }
        PartitionState current = tracker.current();
        if (!leaderState.mayChangeInSync(current, now)) {
            return;
        }
        Set<CopyId> wanted = leaderState.desiredInSync(current, now);
        if (!wanted.equals(current.inSync())) {
            for (CopyId member : current.inSync()) {
                if (!wanted.contains(member)) {
                    isrLogger.expectLeave(member, leaderState.leaveReason(member, now));
                }
            }
            tracker.write(current.withInSync(wanted), effects);
        }
    }

    /// The newest state, in which this copy leads.
    void onState(PartitionState state, Effects.Builder effects) {
        isrLogger.onState(state, effects);
    }

    private void raiseHorizon(LeaderState leaderState, ClockReading now, Effects.Builder effects) {
        if (horizonRaisedAt != null && now.since(horizonRaisedAt) < horizonMillis) {
            return;
        }
        Offsets offsets = copy.offsets();
        long horizon = leaderState.purgeHorizon(tracker.current(), maxRetainedTombstones, now);
        if (offsets.raiseBounds(new Effects.Bounds(horizon, 0))) {
            horizonRaisedAt = now;
            effects.bounds(offsets.bounds());
        }
    }
}
