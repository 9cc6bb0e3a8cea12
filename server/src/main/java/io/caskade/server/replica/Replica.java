package io.caskade.server.replica;

import io.caskade.bitcask.record.LogClock;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Role.Candidate;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Follower;
import io.caskade.server.replica.Role.Leader;
import io.caskade.server.replica.Role.PendingLeader;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Resigned;
import io.caskade.server.replica.Role.Stopped;
import io.caskade.server.replica.Role.Transferring;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One partition's copy: a pure state machine. An [Event] and the time go in, [Effects] come out.
///
/// Dispatches each event: elections to [Election], leader work to [LeaderTasks], shutdown and successors to
/// [LeadershipTransfer], damage to [Fencing], group commit to [ProposalBatcher]; they share the [LocalCopy] and
/// the [PartitionStateTracker]. The rules, and why they are enough, are in `docs/replication.md`.
public final class Replica {

    private final LocalCopy copy;
    private final PartitionStateTracker tracker;
    private final ProposalBatcher batcher;
    private final Election election;
    private final LeadershipTransfer transfer;
    private final Fencing fencing;
    private final LeaderTasks leaderTasks;
    private final DeferredReads deferredReads;

    /// Starts a replica on a recovered log, with a clock that reports no wrong clock.
    public Replica(ReplicaOptions options, RecoveredCopy recovered) {
        this(options, recovered, new LogClock(LogClock.Observer.NONE));
    }

    /// Starts a replica on a recovered log.
    public Replica(ReplicaOptions options, RecoveredCopy recovered, LogClock clock) {
        Timeouts timeouts = options.timeouts();
        this.copy = new LocalCopy(options, recovered);
        this.tracker = new PartitionStateTracker(timeouts);
        this.batcher = new ProposalBatcher(options, copy.positions(), recovered.logTime(), clock);
        this.election = new Election(copy, tracker, batcher, timeouts);
        this.transfer = new LeadershipTransfer(copy, tracker, batcher, election, timeouts);
        this.fencing = new Fencing(copy, tracker, batcher, election);
        this.leaderTasks = new LeaderTasks(copy, tracker, batcher, transfer, options);
        this.deferredReads = new DeferredReads(copy, leaderTasks);
    }

    /// Processes one event.
    public Effects step(Event event, ClockReading now) {
        Effects.Builder effects = new Effects.Builder();
        copy.observeTime(now);
        switch (event) {
            case Event.StateObserved seen -> onState(seen.state(), now, effects);
            case Event.CasWon won -> onState(won.state(), now, effects);
            case Event.CasLost lost -> {
                tracker.markOutcomeUnknown();
                onState(lost.state(), now, effects);
            }
            case Event.CasNotDone _ -> onWriteNotDone(now, effects);
            case Event.CasUnknown _ -> tracker.resolveOutcome(now, effects);
            case Event.Proposed proposed -> leaderTasks.propose(proposed.proposal(), now, effects);
            case Event.ReadBarrierRequested request -> leaderTasks.requestReadBarrier(request, now, effects);
            case Event.FollowerReadRequested read -> deferredReads.add(read, now);
            case Event.TurnEnded _ -> leaderTasks.appendGroup(now, effects);
            case Event.Appended _ -> batcher.onAppended(copy.requireLeaderState(), now, effects);
            case Event.AppendRejected _ -> onAppendRejected(effects);
            case Event.ReplicatedAppended _ -> {
                copy.requireFollowerState().onReplicatedAppended(now, effects);
                batcher.onReplicatedAppended(now, effects);
            }
            case Event.Truncated _ -> copy.requireFollowerState().onTruncated(effects);
            case Event.DiskSpaceChanged changed -> copy.setSpace(changed.space());
            case Event.Synced synced -> onSynced(synced.durableEnd(), now, effects);
            case Event.RecordsSent sent -> onRecordsSent(sent);
            case Event.Received received -> onMessage(received.sender(), received.message(), now, effects);
            case Event.PeerDisconnected lost -> election.onPeerDisconnected(lost.node(), now, effects);
            case Event.DiskFailed failed -> fencing.fence(failed.reason(), false, effects);
            case Event.CopyDamaged damaged -> fencing.onDamage(damaged.reason(), effects);
            case Event.Rebuilt rebuilt -> fencing.onRebuilt(rebuilt.copy(), now, effects);
            case Event.StopRequested _ -> transfer.stop(now, effects);
            case Event.Ticked _ -> onTick(now, effects);
            case Event.Woken _ -> {}
        }
        // A proposal waits for the end of the turn, and each turn has many.
        if (!(event instanceof Event.Proposed)) {
            advance(now, effects);
        }
        if (event instanceof Event.Synced) {
            leaderTasks.appendGroup(now, effects);
        }
        deferredReads.advance(now, effects);
        copy.checkInvariant();
        return effects.build();
    }

    /// The current role.
    public Role role() {
        return copy.role();
    }

    /// The copy's current identity.
    public CopyId copyId() {
        return copy.identity();
    }

    /// What is damaged in the copy, or null. Meanwhile it serves what it can read.
    public @Nullable String damage() {
        return copy.damage();
    }

    /// Why the copy may neither lead nor follow, or null.
    public @Nullable String blockedReason() {
        return election.blockedReason();
    }

    /// The sequence the first record of the next proposal will get. Known early because groups are written in
    /// the order they are opened, each after its own MARK.
    public long nextSequence() {
        return batcher.pending().nextSequence(copy.positions().logEnd());
    }

    /// The high watermark.
    public long highWatermark() {
        return copy.positions().highWatermark();
    }

    /// The epoch of the record at the high watermark; a causal context stores both.
    public int highWatermarkEpoch() {
        return copy.positions().epochs().epochOf(highWatermark());
    }

    /// The followers' status, by node; empty when this copy does not lead.
    public List<FollowerStatus> followers() {
        LeaderState leaderState = copy.leaderState();
        return leaderState == null ? List.of() : leaderState.followers();
    }

    /// The sequence up to which merges may drop tombstones.
    public long localPurgeHorizon() {
        LeaderState leaderState = copy.leaderState();
        return leaderState == null ? copy.positions().purgeHorizon() : leaderState.localPurgeHorizon();
    }

    /// The time by the log's clock, Unix milliseconds: the machine's, or the log's where that is ahead, which
    /// goes on by the monotonic clock. Thread-safe.
    ///
    /// @param logTime the newest time in a committed MARK of any leader
    public long clockTime(ClockReading now, long logTime) {
        return batcher.clockTime(now, logTime);
    }

    /// The leader time, by which expiry is judged: the clock's, unless a MARK or an answer has used a later
    /// one.
    ///
    /// @param logTime the newest time in a committed MARK of any leader
    public long leaderTime(ClockReading now, long logTime) {
        return batcher.leaderTime(clockTime(now, logTime));
    }

    /// Whether a read that was made before `now` may be answered: this copy leads and its lease has not
    /// expired, so no other copy can have become leader and changed anything since.
    public boolean hasLease(ClockReading now) {
        return leaderTasks.hasLease(now);
    }

    /// When the lease expires, by both clocks, if no event comes; in the past when there is no lease.
    public ClockReading leaseExpiresAt() {
        return leaderTasks.leaseExpiresAt();
    }

    /// Whether it still waits for this append, which [Effects#appendReplicated] asked for, to be stored.
    public boolean isAwaiting(Message.AppendRecords append) {
        FollowerState followerState = copy.followerState();
        return followerState != null && followerState.isAwaiting(append);
    }

    /// Whether it follows and its stream is open: its log is a prefix of the leader's.
    public boolean isStreaming() {
        return copy.isFollowing() && copy.requireFollowerState().isStreaming();
    }

    private void onState(Versioned<PartitionState> seen, ClockReading now, Effects.Builder effects) {
        PartitionStateTracker.Update update = tracker.observe(seen, effects);
        if (update == PartitionStateTracker.Update.STALE) {
            return;
        }
        switch (copy.role()) {
            case Follower _ -> {
                if (!copy.isStopping()) {
                    election.applyStateWhileNotLeading(now, effects);
                }
            }
            case Candidate candidate -> election.onCandidateState(candidate, now, effects);
            case PendingLeader pending -> election.stepDownIfDeposed(pending.epoch(), now, effects);
            case Leader leader -> election.stepDownIfDeposed(leader.epoch(), now, effects);
            case Transferring transferring -> election.stepDownIfDeposed(transferring.epoch(), now, effects);
            case Resigned resigned ->
                transfer.onState(resigned, update == PartitionStateTracker.Update.NEWER, now, effects);
            case Fenced fenced -> fencing.rebuildIfAllowed(fenced, effects);
            case Rebuilding _, Stopped _ -> {}
        }
        if (copy.isLeading()) {
            leaderTasks.onState(tracker.current(), effects);
        }
    }

    /// ZooKeeper cannot be reached: nothing changes, so this copy goes on as what it was.
    private void onWriteNotDone(ClockReading now, Effects.Builder effects) {
        if (!tracker.abandonWrite(now, effects)) {
            return;
        }
        switch (copy.role()) {
            case Candidate _ -> election.abandonCandidacy(now, effects);
            case Resigned resigned -> copy.become(new Transferring(resigned.epoch()));
            case Follower _, PendingLeader _, Leader _, Transferring _, Fenced _, Rebuilding _, Stopped _ -> {}
        }
    }

    private void onAppendRejected(Effects.Builder effects) {
        if (copy.leaderState() == null) {
            copy.requireFollowerState().onRejected(effects);
            return;
        }
        batcher.pending().refuseLastGroup(Refusal.DISK_FULL, effects);
        if (copy.role() instanceof PendingLeader) {
            batcher.pending().requireMark();
        }
    }

    private void onSynced(long durable, ClockReading now, Effects.Builder effects) {
        batcher.onSynced(durable);
        FollowerState followerState = copy.followerState();
        if (followerState != null) {
            followerState.sendAck(effects);
        }
        if (copy.leaderState() == null) {
            batcher.sync(now, effects);
        }
    }

    private void onRecordsSent(Event.RecordsSent sent) {
        LeaderState leaderState = copy.leaderState();
        if (leaderState != null) {
            leaderState.onRecordsSent(sent);
        }
    }

    private void onMessage(NodeIncarnation sender, Message message, ClockReading now, Effects.Builder effects) {
        Role role = copy.role();
        boolean ignores = role instanceof Stopped || role instanceof Fenced || role instanceof Rebuilding;
        if (ignores || !tracker.isKnown()) {
            return;
        }
        tracker.onEpoch(message.epoch(), now, effects);
        switch (message) {
            case Message.Heartbeat heartbeat -> onHeartbeat(sender, heartbeat, now, effects);
            case Message.PreVoteRequest request -> onPreVoteRequest(sender, request, now, effects);
            case Message.PreVoteResponse response -> {
                if (copy.isFollowing() && response.epoch() == tracker.epoch()) {
                    copy.requireFollowerState().failureDetector().onPreVoteResponse(sender.node(), response);
                    election.advancePreVote(now, effects);
                }
            }
            case Message.StaleEpoch _ -> {}
            case Message.StreamOpen open -> {
                if (open.epoch() < tracker.epoch()) {
                    effects.send(sender.node(), new Message.StaleEpoch(tracker.epoch()));
                } else {
                    leaderTasks.onStreamOpen(sender, open, now, effects);
                }
            }
            case Message.LeaseGrant grant -> {
                if (copy.isLeaderIn(grant.epoch())) {
                    copy.requireLeaderState().onLeaseGrant(sender, grant);
                }
            }
            case Message.AppendAck ack -> {
                if (copy.isLeaderIn(ack.epoch())) {
                    copy.requireLeaderState().onAck(sender, ack, now, effects);
                }
            }
            case Message.StreamOpened opened -> onStreamOpened(sender, opened, now, effects);
            case Message.StreamClosed closed -> {
                if (copy.isFollowing(sender, closed.epoch())
                        && copy.requireFollowerState().isStreaming(closed.streamId())) {
                    copy.openStream(now, effects);
                }
            }
            case Message.AppendRecords append -> {
                if (copy.isFollowing(sender, append.epoch())) {
                    copy.requireFollowerState().onAppend(append, now, effects);
                }
            }
        }
    }

    /// A lease grant promises support for no other leader until it has ended; it is given from memory,
    /// before any disk I/O.
    private void onHeartbeat(
            NodeIncarnation sender, Message.Heartbeat heartbeat, ClockReading now, Effects.Builder effects) {
        if (heartbeat.epoch() < tracker.epoch()) {
            effects.send(sender.node(), new Message.StaleEpoch(tracker.epoch()));
            return;
        }
        if (copy.role() instanceof Candidate) {
            election.onHeartbeatWhileCandidate(sender, heartbeat.epoch(), now);
        }
        if (copy.isFollowing(sender, heartbeat.epoch())) {
            fencing.onHeartbeat(heartbeat, effects);
        }
        if (copy.isFollowing(sender, heartbeat.epoch())) {
            copy.recordLeaseGrant(now);
            copy.requireFollowerState().onHeartbeat(heartbeat, now);
            effects.send(sender.node(), copy.leaseGrant(heartbeat));
            copy.requireFollowerState().sendAck(effects);
        }
    }

    private void onPreVoteRequest(
            NodeIncarnation sender, Message.PreVoteRequest request, ClockReading now, Effects.Builder effects) {
        boolean hearsLeader = (copy.isFollowing()
                        && copy.requireFollowerState().failureDetector().hearsLeader(now))
                || (copy.isLeading() && !batcher.isSyncStalled(now));
        LogPositions positions = copy.positions();
        effects.send(
                sender.node(),
                new Message.PreVoteResponse(
                        tracker.epoch(),
                        request.round(),
                        copy.identity(),
                        hearsLeader,
                        positions.epochs().latest(),
                        positions.logEnd()));
        if (copy.isFollowing() && request.epoch() == tracker.epoch()) {
            copy.requireFollowerState().failureDetector().onPreVoteFrom(sender.node());
            election.advancePreVote(now, effects);
        }
    }

    private void onStreamOpened(
            NodeIncarnation sender, Message.StreamOpened opened, ClockReading now, Effects.Builder effects) {
        if (!copy.isFollowing(sender, opened.epoch())
                || !copy.requireFollowerState().isOpening(opened)) {
            return;
        }
        boolean losesCommitted = opened.divergencePoint() < copy.positions().highWatermark();
        if (!opened.rebuild() && !losesCommitted) {
            copy.requireFollowerState().onStreamOpened(opened, now, effects);
            return;
        }
        String why = opened.rebuild()
                ? "it is too far behind: the tombstones it lacks are purged"
                : "its log diverges from its leader's after record " + opened.divergencePoint()
                        + ", below what was committed here";
        fencing.fence(why, true, effects);
    }

    private void onTick(ClockReading now, Effects.Builder effects) {
        tracker.retryResolvingOutcome(now, effects);
        if (copy.isFollowing()) {
            if (copy.requireFollowerState().shouldOpen(now)) {
                copy.openStream(now, effects);
            }
            election.advancePreVote(now, effects);
        }
        transfer.tick(now, effects);
        leaderTasks.tick(now, effects);
    }

    private void advance(ClockReading now, Effects.Builder effects) {
        if (copy.isFollowing()) {
            copy.advanceHighWatermark(copy.requireFollowerState().adoptableHighWatermark(), effects);
        }
        transfer.stopOnceOutOfSync(now, effects);
        if (copy.isLeading()) {
            leaderTasks.advance(now, effects);
        }
    }
}
