package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A follower as its leader sees it in one epoch: the progress of its stream, and its lease grants.
final class FollowerProgress {

    /// Maximum appends in flight per follower: bounds the memory that a slow follower costs.
    static final int MAX_IN_FLIGHT_APPENDS = 4;

    private static final long UNKNOWN = -1;

    /// A process whose first stream opens later than this after the election is taken for a new one.
    private static final long OPENING_MILLIS = 1_000;

    private final String node;

    /// When the leader was elected.
    private final ClockReading electedAt;

    /// Silence is measured from here until the first grant.
    private final ClockReading silentSince;

    private @Nullable NodeIncarnation incarnation;

    /// The process that last opened a stream, and when it opened its first.
    private @Nullable NodeIncarnation process;

    private ClockReading firstOpenedAt;

    private @Nullable CopyId copy;
    private long streamId;

    /// Whether the follower has acknowledged that its log ends at the divergence point.
    private boolean ready;

    /// Whether an append is being read.
    private boolean sending;

    private boolean throttled;

    private long sentEnd;

    /// What the follower is known to have received, and the time of its last acknowledgement.
    private long receivedEnd;

    private ClockReading acknowledgedAt;
    private final Deque<Long> inFlight = new ArrayDeque<>();
    private long acknowledgedEnd = UNKNOWN;
    private boolean diskFull;
    private boolean stopping;
    private boolean damaged;

    private @Nullable CopyId granter;
    private @Nullable ClockReading grantedHeartbeatSentAt;

    /// How long its newest grant holds, by its own settings.
    private long grantedMillis;

    /// Whether its disk lacked the room that a leader needs when it granted that.
    private boolean lowOnSpace;

    /// Kafka's lastCaughtUpTime, and the log end to reach next.
    private ClockReading caughtUpAt;

    private long catchUpGoal;
    private ClockReading catchUpGoalSetAt;

    FollowerProgress(String node, ClockReading electedAt, ClockReading silentSince) {
        this.node = node;
        this.electedAt = electedAt;
        this.silentSince = silentSince;
        this.firstOpenedAt = electedAt;
        this.caughtUpAt = electedAt;
        this.catchUpGoalSetAt = electedAt;
        this.acknowledgedAt = electedAt;
    }

    String node() {
        return node;
    }

    /// The process whose stream is open; null while none is.
    @Nullable
    NodeIncarnation incarnation() {
        return incarnation;
    }

    /// The copy that last opened a stream; null before the first.
    @Nullable
    CopyId copy() {
        return copy;
    }

    /// Opens a stream at the divergence point; records follow once the follower has truncated to it.
    void openStream(NodeIncarnation sender, Message.StreamOpen open, long divergencePoint, ClockReading now) {
        if (!open.copy().equals(copy)) {
            acknowledgedEnd = UNKNOWN;
            diskFull = false;
            damaged = false;
        }
        if (!sender.equals(incarnation)) {
            stopping = false;
        }
        if (!sender.equals(process)) {
            process = sender;
            firstOpenedAt = now;
        }
        incarnation = sender;
        copy = open.copy();
        streamId = open.streamId();
        ready = false;
        sending = false;
        sentEnd = divergencePoint;
        receivedEnd = divergencePoint;
        acknowledgedAt = now;
        inFlight.clear();
    }

    boolean isStream(NodeIncarnation sender, long id) {
        return sender.equals(incarnation) && streamId == id;
    }

    void onAck(Message.AppendAck ack, long logEnd, ClockReading now) {
        ready = true;
        receivedEnd = Math.max(receivedEnd, ack.receivedEnd());
        acknowledgedAt = now;
        acknowledgedEnd = Math.max(acknowledgedEnd, ack.acknowledgedEnd());
        diskFull = ack.diskFull();
        stopping = ack.stopping();
        damaged = ack.damaged();
        while (!inFlight.isEmpty() && inFlight.getFirst() <= ack.receivedEnd()) {
            inFlight.removeFirst();
        }
        if (acknowledgedEnd >= catchUpGoal) {
            caughtUpAt = catchUpGoalSetAt;
            catchUpGoal = logEnd;
            catchUpGoalSetAt = now;
        }
    }

    /// Closes a stream that has not moved for this many milliseconds.
    void closeIfStuck(long millis, ClockReading now) {
        if (incarnation != null && now.since(acknowledgedAt) >= millis) {
            incarnation = null;
            ready = false;
        }
    }

    /// Whether this copy has an open stream and has received nothing after a sequence: tombstones after it are
    /// kept for it.
    boolean isStreamingTo(CopyId asked, long from) {
        return incarnation != null && asked.equals(copy) && receivedEnd <= from;
    }

    /// The last sequence it is known to have received; tombstones after it are kept while the stream is open.
    long receivedEnd() {
        return receivedEnd;
    }

    /// The copy's acknowledged end; -1 when unknown.
    long acknowledgedEndOf(CopyId asked) {
        return asked.equals(copy) ? acknowledgedEnd : UNKNOWN;
    }

    /// Whether more records should be sent. The follower learns the high watermark with the next append or
    /// heartbeat.
    boolean wantsRecords(long logEnd) {
        return ready && !sending && inFlight.size() < MAX_IN_FLIGHT_APPENDS && sentEnd < logEnd;
    }

    /// @param counts whether what is read counts against the throttle
    void markSending(boolean counts) {
        sending = true;
        throttled = counts;
    }

    /// Whether what was read last counts against the throttle.
    boolean isThrottled() {
        return throttled;
    }

    long sentEnd() {
        return sentEnd;
    }

    long streamId() {
        return streamId;
    }

    void onRecordsSent(long to) {
        sending = false;
        if (to > sentEnd) {
            inFlight.addLast(to);
        }
        sentEnd = to;
    }

    void onLeaseGrant(Message.LeaseGrant grant) {
        boolean newer =
                grantedHeartbeatSentAt == null || grant.sentAt().monotonic() > grantedHeartbeatSentAt.monotonic();
        if (newer) {
            granter = grant.copy();
            grantedHeartbeatSentAt = grant.sentAt();
            grantedMillis = grant.durationMillis();
            lowOnSpace = grant.lowOnSpace();
        }
    }

    /// Whether this copy has granted a lease that has not expired.
    boolean hasGranted(CopyId asked, Timeouts timeouts, ClockReading now) {
        return now.isBefore(leaseExpiresAt(asked, timeouts));
    }

    /// When this copy's lease grant expires, as far as the leader, whose timeouts these are, knows.
    ClockReading leaseExpiresAt(CopyId asked, Timeouts timeouts) {
        return asked.equals(granter) && grantedHeartbeatSentAt != null
                ? grantedHeartbeatSentAt.plus(timeouts.leaseFrom(grantedMillis))
                : ClockReading.NEVER;
    }

    /// Whether it has granted no heartbeat for `millis`.
    boolean isSilent(CopyId asked, long millis, ClockReading now) {
        return silentFor(asked, now) >= millis;
    }

    long silentFor(CopyId asked, ClockReading now) {
        ClockReading last =
                grantedHeartbeatSentAt != null && asked.equals(granter) ? grantedHeartbeatSentAt : silentSince;
        return now.since(last);
    }

    /// Whether its process opened its first stream to this leader less than so many milliseconds ago, and not
    /// right after the election, as all did that were running: it was probably just started.
    boolean hasJustConnected(long millis, ClockReading now) {
        return firstOpenedAt.since(electedAt) >= OPENING_MILLIS && now.since(firstOpenedAt) < millis;
    }

    /// Whether its disk has the room that a leader needs, as far as is known.
    boolean hasRoom() {
        return !lowOnSpace && !diskFull;
    }

    /// Whether this copy has reported that its disk is full.
    boolean isDiskFull(CopyId asked) {
        return diskFull && asked.equals(copy);
    }

    /// Whether this copy has reported damage.
    boolean isDamaged(CopyId asked) {
        return damaged && asked.equals(copy);
    }

    /// Whether this copy has reported that its node is shutting down.
    boolean isStopping(CopyId asked) {
        return stopping && asked.equals(copy);
    }

    /// Whether this copy has reported that it cannot take records for now.
    boolean wantsToLeave(CopyId asked) {
        return isDiskFull(asked) || isStopping(asked);
    }

    /// Its status, for administrators.
    FollowerStatus status(long logEnd) {
        boolean known = acknowledgedEnd != UNKNOWN;
        return new FollowerStatus(
                node,
                incarnation != null,
                known ? OptionalLong.of(acknowledgedEnd) : OptionalLong.empty(),
                known ? OptionalLong.of(Math.max(0, logEnd - acknowledgedEnd)) : OptionalLong.empty());
    }

    boolean lags(long logEnd, long millis, ClockReading now) {
        return acknowledgedEnd < logEnd && lagsFor(now) >= millis;
    }

    /// Whether it has caught up with this leader's log, for the last time less than this many milliseconds ago.
    boolean hasLatelyCaughtUp(long millis, ClockReading now) {
        return !caughtUpAt.equals(electedAt) && lagsFor(now) < millis;
    }

    /// How long ago it last had the whole log.
    long lagsFor(ClockReading now) {
        return now.since(caughtUpAt);
    }
}
