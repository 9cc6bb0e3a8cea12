package io.caskade.server.replica;

import io.caskade.bitcask.log.EpochHistory;
import org.jspecify.annotations.Nullable;

/// A leader's appends: while one group is synced the next one fills; each opens with a MARK that tells the time
/// and what was committed. Also whose turn the disk is, for followers too: one sync is under way at a time.
final class GroupCommit {

    /// A group of so many bytes is worth a sync of its own.
    private static final long ENOUGH_BYTES = 64 << 10;

    private final Offsets offsets;
    private final Timing timing;
    private final PendingWrites pending;
    private final boolean awaitsSync;
    private final long idleMarkMillis;

    /// What the newest MARK said: the time, and the sequence it named as committed.
    private long markTime;

    private long markedWatermark;

    /// What the MARK of the group that is being appended names; that counts when the group is in the log.
    private long watermarkToBeMarked;

    /// Where the log will end with the group that is being appended.
    private long appendingTo;

    /// The time an answer has been prepared by: the next MARK tells it, and no later decision goes by an
    /// earlier one.
    private long promisedTime;

    private long lastWriteAt;
    private @Nullable Moment syncingSince;

    GroupCommit(ReplicaOptions options, Offsets offsets, long logTime) {
        this.offsets = offsets;
        this.timing = options.timing();
        this.pending = new PendingWrites(options.maxInFlightBytes());
        this.awaitsSync = options.awaitsSync();
        this.idleMarkMillis = options.idleMarkMillis();
        this.markTime = logTime;
    }

    PendingWrites pending() {
        return pending;
    }

    /// The time that expiry on this leader goes by: the clock's, unless the log or a client has been told a
    /// later one.
    long time(long now) {
        return Math.max(now, Math.max(markTime, promisedTime));
    }

    /// Has the next MARK tell the time, and an answer wait for it.
    void answerBehindNextMark(Event.AnswerPrepared prepared) {
        promisedTime = Math.max(promisedTime, prepared.time());
        pending.addBehindNextMark(prepared.token(), prepared.sequence(), offsets.logEnd());
    }

    /// Appends what has gathered, unless a sync is under way or it had better gather more.
    ///
    /// @param gathers whether a group may be waited for: see [#isWorthWaiting]
    void flush(Leadership leads, boolean gathers, Moment now, Effects.Builder effects) {
        if (syncingSince != null || !pending.hasOpenGroup() || (gathers && isWorthWaiting())) {
            return;
        }
        markTime = time(now.wall());
        watermarkToBeMarked = nameable();
        lastWriteAt = now.wall();
        effects.append(new Effects.Append(
                leads.epoch(), offsets.logEnd() + 1, markTime, watermarkToBeMarked, pending.openProposals()));
        appendingTo = pending.closeGroup(offsets.logEnd());
    }

    /// While a group is on its way to being committed a small one waits for it and grows, as Nagle's algorithm
    /// has a connection do (RFC 896): each group costs every copy a sync and some messages, whatever its size.
    /// Whoever asks for no more than that the leader holds a write does not wait for the others' sake.
    private boolean isWorthWaiting() {
        return offsets.watermark() < offsets.logEnd()
                && pending.openBytes() < ENOUGH_BYTES
                && !pending.isAwaitedAtLeader();
    }

    /// What a MARK may name: recovery takes anything missing below it for damage.
    private long nameable() {
        return Math.min(offsets.watermark(), offsets.durableEnd());
    }

    /// The group is in the log.
    void appended(Leadership leads, Moment now, Effects.Builder effects) {
        markedWatermark = watermarkToBeMarked;
        offsets.logEndsAt(appendingTo);
        offsets.epochsAre(withEpoch(offsets.epochs(), leads));
        sync(now, effects);
    }

    private static EpochHistory withEpoch(EpochHistory epochs, Leadership leads) {
        return epochs.latest() == leads.epoch() ? epochs : epochs.with(leads.epoch(), leads.mark());
    }

    /// A chunk of the leader's log is in this one.
    void stored(Moment now, Effects.Builder effects) {
        sync(now, effects);
        lastWriteAt = now.wall();
    }

    /// Syncs the log if there is anything to sync and nothing is being synced.
    void sync(Moment now, Effects.Builder effects) {
        if (awaitsSync && syncingSince == null && offsets.durableEnd() < offsets.logEnd()) {
            syncingSince = now;
            effects.sync();
        }
    }

    void synced(long durable) {
        syncingSince = null;
        offsets.syncedUpTo(durable);
    }

    boolean isSyncing() {
        return syncingSince != null;
    }

    /// Whether the disk hangs.
    boolean isStalled(Moment now) {
        return syncingSince != null && now.since(syncingSince) >= timing.stall();
    }

    /// Damage to the last writes can be told from a write cut short only by a MARK that names them: an idle
    /// leader adds one.
    void nameLastWrites(Leadership leads, Moment now, Effects.Builder effects) {
        boolean unnamed = nameable() > markedWatermark + 1;
        boolean idle = Math.abs(now.wall() - lastWriteAt) >= idleMarkMillis;
        if (pending.isEmpty() && unnamed && idle) {
            pending.requireMark();
            flush(leads, false, now, effects);
        }
    }
}
