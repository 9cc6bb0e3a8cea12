package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;
import org.jspecify.annotations.Nullable;

/// A leader's group commit: while one group is synced the next one fills. Each group starts with a MARK that
/// holds the time and the high watermark. It also serializes syncs, for followers too: one is in progress at a
/// time.
final class ProposalBatcher {

    /// A group of so many bytes is worth a sync of its own.
    private static final long MIN_GROUP_BYTES = 64 << 10;

    private final LogPositions positions;
    private final Timeouts timeouts;
    private final PendingRequests pending;
    private final boolean syncBeforeAck;
    private final long idleMarkMillis;

    /// What the newest MARK said: the time, and the sequence it named as committed.
    private long markTime;

    private long markedHighWatermark;

    /// What the MARK of the group that is being appended names; that counts when the group is in the log.
    private long highWatermarkToMark;

    /// Where the log will end with the group that is being appended.
    private long appendingEnd;

    /// The time an answer has been prepared by: the next MARK tells it, and no later decision goes by an
    /// earlier one.
    private long minNextMarkTime;

    private long lastWriteAt;
    private @Nullable ClockReading syncingSince;

    ProposalBatcher(ReplicaOptions options, LogPositions positions, long logTime) {
        this.positions = positions;
        this.timeouts = options.timeouts();
        this.pending = new PendingRequests();
        this.syncBeforeAck = options.syncBeforeAck();
        this.idleMarkMillis = options.idleMarkMillis();
        this.markTime = logTime;
    }

    PendingRequests pending() {
        return pending;
    }

    /// The time that expiry on this leader goes by: the clock's, unless the log or a client has been told a
    /// later one.
    long leaderTime(long now) {
        return Math.max(now, Math.max(markTime, minNextMarkTime));
    }

    /// Has the next MARK tell the time, and an answer wait for it.
    void confirmAfterNextMark(Event.ReadBarrierRequested request) {
        minNextMarkTime = Math.max(minNextMarkTime, request.time());
        pending.addAnswerBehindNextMark(request.token(), request.sequence(), positions.logEnd());
    }

    /// Appends what has gathered, unless a sync is under way or it had better gather more.
    ///
    /// @param mayWait whether a group may be waited for: see [#isWorthWaiting]
    void appendGroup(LeaderState leaderState, boolean mayWait, ClockReading now, Effects.Builder effects) {
        if (syncingSince != null || !pending.hasGroup() || (mayWait && isWorthWaiting())) {
            return;
        }
        markTime = leaderTime(now.wall());
        highWatermarkToMark = markableEnd();
        lastWriteAt = now.wall();
        effects.append(new Effects.Append(
                leaderState.epoch(), positions.logEnd() + 1, markTime, highWatermarkToMark, pending.groupProposals()));
        appendingEnd = pending.closeGroup(positions.logEnd());
    }

    /// While a group is on its way to being committed a small one waits for it and grows, as Nagle's algorithm
    /// has a connection do (RFC 896): each group costs every copy a sync and some messages, whatever its size.
    /// A write with acks LEADER does not wait for the others' sake.
    private boolean isWorthWaiting() {
        return positions.highWatermark() < positions.logEnd()
                && pending.groupBytes() < MIN_GROUP_BYTES
                && !pending.hasLeaderAcks();
    }

    /// What a MARK may name: recovery takes anything missing below it for damage.
    private long markableEnd() {
        return Math.min(positions.highWatermark(), positions.durableEnd());
    }

    /// The group is in the log.
    void onAppended(LeaderState leaderState, ClockReading now, Effects.Builder effects) {
        markedHighWatermark = highWatermarkToMark;
        positions.setLogEnd(appendingEnd);
        positions.setEpochs(withEpoch(positions.epochs(), leaderState));
        sync(now, effects);
    }

    private static EpochHistory withEpoch(EpochHistory epochs, LeaderState leaderState) {
        return epochs.latest() == leaderState.epoch()
                ? epochs
                : epochs.with(leaderState.epoch(), leaderState.epochStart());
    }

    /// An append of the leader's log is in this one.
    void onReplicatedAppended(ClockReading now, Effects.Builder effects) {
        sync(now, effects);
        lastWriteAt = now.wall();
    }

    /// Syncs the log if there is anything to sync and nothing is being synced.
    void sync(ClockReading now, Effects.Builder effects) {
        if (syncBeforeAck && syncingSince == null && positions.durableEnd() < positions.logEnd()) {
            syncingSince = now;
            effects.sync();
        }
    }

    void onSynced(long durable) {
        syncingSince = null;
        positions.recordSync(durable);
    }

    boolean isSyncing() {
        return syncingSince != null;
    }

    /// Whether the disk hangs.
    boolean isSyncStalled(ClockReading now) {
        return syncingSince != null && now.since(syncingSince) >= timeouts.stall();
    }

    /// Damage to the last writes can be told from a write cut short only by a MARK that names them: an idle
    /// leader adds one.
    void markLastWrites(LeaderState leaderState, ClockReading now, Effects.Builder effects) {
        boolean unnamed = markableEnd() > markedHighWatermark + 1;
        boolean idle = Math.abs(now.wall() - lastWriteAt) >= idleMarkMillis;
        if (pending.isEmpty() && unnamed && idle) {
            pending.requireMark();
            appendGroup(leaderState, false, now, effects);
        }
    }
}
