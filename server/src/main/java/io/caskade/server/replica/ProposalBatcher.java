package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.LogClock;
import org.jspecify.annotations.Nullable;

/// A leader's group commit: while one group is synced the next one fills. Each group starts with a MARK that
/// carries the time and the high watermark. Also serializes syncs, for followers too: one is in progress at a
/// time.
final class ProposalBatcher {

    /// A group of this size does not wait to grow.
    private static final long MIN_GROUP_BYTES = 64 << 10;

    private final LogPositions positions;
    private final Timeouts timeouts;
    private final PendingRequests pending;
    private final CommitDelay delay = new CommitDelay();
    private final LogClock clock;
    private final boolean syncBeforeAck;
    private final long idleMarkMillis;

    /// The time and the high watermark of the newest MARK.
    private long markTime;

    private long markedHighWatermark;

    /// The high watermark in the MARK of the group being appended; takes effect when the group is in the log.
    private long highWatermarkToMark;

    /// The log end with the group being appended.
    private long appendingEnd;

    /// The latest time used in a prepared answer; the next MARK carries at least this.
    private long minNextMarkTime;

    private long lastWriteAt;
    private @Nullable ClockReading syncingSince;

    ProposalBatcher(ReplicaOptions options, LogPositions positions, long logTime, LogClock clock) {
        this.positions = positions;
        this.timeouts = options.timeouts();
        this.pending = new PendingRequests();
        this.clock = clock;
        this.syncBeforeAck = options.syncBeforeAck();
        this.idleMarkMillis = options.idleMarkMillis();
        this.markTime = logTime;
    }

    PendingRequests pending() {
        return pending;
    }

    /// The time by the log's clock.
    long clockTime(ClockReading now, long logTime) {
        return clock.at(now.wall(), now.monotonic(), logTime);
    }

    /// The leader time, by which expiry is judged: the clock's, unless a MARK or an answer has used a later
    /// one.
    long leaderTime(long now) {
        return Math.max(now, Math.max(markTime, minNextMarkTime));
    }

    /// Makes the next MARK carry this time and delays the answer until it commits.
    void confirmAfterNextMark(Event.ReadBarrierRequested request) {
        minNextMarkTime = Math.max(minNextMarkTime, request.time());
        pending.addAnswerBehindNextMark(request.token(), request.sequence(), positions.logEnd());
    }

    /// Appends the open group, unless a sync is in progress or waiting is likely to enlarge it.
    ///
    /// @param mayWait whether the group may wait: see [#waitsForMore]
    void appendGroup(LeaderState leaderState, boolean mayWait, ClockReading now, Effects.Builder effects) {
        if (syncingSince != null || !pending.hasGroup() || (mayWait && waitsForMore(now, effects))) {
            return;
        }
        delay.onAppend(pending.groupSize(), now);
        markTime = leaderTime(clockTime(now, markTime));
        highWatermarkToMark = markableEnd();
        lastWriteAt = now.wall();
        effects.append(new Effects.Append(
                leaderState.epoch(), positions.logEnd() + 1, markTime, highWatermarkToMark, pending.groupProposals()));
        appendingEnd = pending.closeGroup(positions.logEnd());
    }

    /// A small group waits and grows while another one is being committed, as in Nagle's algorithm (RFC 896),
    /// and then for a [moment][CommitDelay]. A write with acks LEADER does not wait for other copies, and an
    /// answer that needs the next MARK does not wait for other writers.
    private boolean waitsForMore(ClockReading now, Effects.Builder effects) {
        if (pending.groupBytes() >= MIN_GROUP_BYTES || pending.hasLeaderAcks()) {
            return false;
        }
        if (positions.highWatermark() < positions.logEnd()) {
            return true;
        }
        boolean delayed = !pending.isMarkRequired() && delay.delays(pending.groupSize(), now);
        if (delayed) {
            long millis = delay.wakeUpAfter(now);
            if (millis > 0) {
                effects.wakeAfter(millis);
            }
        }
        return delayed;
    }

    /// Completes the writes up to the high watermark.
    void settleWrites(ClockReading now, Effects.Builder effects) {
        int answered = pending.settleWrites(positions.highWatermark(), effects);
        if (answered > 0) {
            delay.onCommit(answered, pending.groupSize(), now);
        }
    }

    /// The high watermark a MARK may carry: recovery takes anything missing below it for damage.
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

    /// A replicated append has been written.
    void onReplicatedAppended(ClockReading now, Effects.Builder effects) {
        sync(now, effects);
        lastWriteAt = now.wall();
    }

    /// Syncs the log if there is anything to sync and no sync is in progress.
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

    /// Without a later MARK, recovery cannot tell damage from a torn write, so an idle leader appends one.
    void markLastWrites(LeaderState leaderState, ClockReading now, Effects.Builder effects) {
        boolean unnamed = markableEnd() > markedHighWatermark + 1;
        boolean idle = Math.abs(now.wall() - lastWriteAt) >= idleMarkMillis;
        if (pending.isEmpty() && unnamed && idle) {
            pending.requireMark();
            appendGroup(leaderState, false, now, effects);
        }
    }
}
