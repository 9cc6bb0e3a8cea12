package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A follower as its leader sees it in one epoch: the progress of its stream, and its lease grants.
final class FollowerProgress {

    /// At most this many appends are in flight: a slow copy costs no more memory than they take.
    private static final int MAX_IN_FLIGHT_APPENDS = 4;

    private static final long UNKNOWN = -1;

    private final String node;

    /// Since when it is expected to be heard of.
    private final ClockReading expectedSince;

    private @Nullable NodeIncarnation incarnation;
    private @Nullable CopyId copy;
    private long streamId;

    /// Whether the follower has said that its log ends where it is to be fed from.
    private boolean ready;

    /// Whether an append is being read.
    private boolean sending;

    private long sentEnd;

    /// What the follower is known to have received, and when it last said so.
    private long receivedEnd;

    private ClockReading acknowledgedAt;
    private final Deque<Long> inFlight = new ArrayDeque<>();
    private long acknowledgedEnd = UNKNOWN;
    private boolean diskFull;
    private boolean stopping;

    private @Nullable CopyId granter;
    private @Nullable ClockReading grantedHeartbeatSentAt;

    /// When it last had all that there was at an earlier time, and what it is to have next.
    private ClockReading caughtUpAt;

    private long catchUpGoal;
    private ClockReading catchUpGoalSetAt;

    FollowerProgress(String node, ClockReading expectedSince) {
        this.node = node;
        this.expectedSince = expectedSince;
        this.caughtUpAt = expectedSince;
        this.catchUpGoalSetAt = expectedSince;
        this.acknowledgedAt = expectedSince;
    }

    String node() {
        return node;
    }

    /// The process that streams, null while none does.
    @Nullable
    NodeIncarnation incarnation() {
        return incarnation;
    }

    /// The copy that streams, null while none does.
    @Nullable
    CopyId copy() {
        return copy;
    }

    /// Starts a stream at the divergence point; records follow once the follower has acknowledged that it is
    /// there.
    void openStream(NodeIncarnation sender, Message.StreamOpen open, long divergencePoint, ClockReading now) {
        if (!open.copy().equals(copy)) {
            acknowledgedEnd = UNKNOWN;
            diskFull = false;
        }
        if (!sender.equals(incarnation)) {
            stopping = false;
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

    /// Whether this very copy is being streamed to and has received nothing after a sequence: tombstones after
    /// it are kept for it.
    boolean isStreamingTo(CopyId asked, long from) {
        return incarnation != null && asked.equals(copy) && receivedEnd <= from;
    }

    /// How far it has come; tombstones behind that are kept for it while it is fed.
    long receivedEnd() {
        return receivedEnd;
    }

    /// What the very copy is known to hold, less than nothing when it is not known.
    long acknowledgedEndOf(CopyId asked) {
        return asked.equals(copy) ? acknowledgedEnd : UNKNOWN;
    }

    /// Whether the stream should be given more. What is committed it learns with the next append, or the next
    /// heartbeat.
    boolean wantsRecords(long logEnd) {
        return ready && !sending && inFlight.size() < MAX_IN_FLIGHT_APPENDS && sentEnd < logEnd;
    }

    void markSending() {
        sending = true;
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
        boolean newer = grantedHeartbeatSentAt == null || grant.sentAt().monotonic() > grantedHeartbeatSentAt.monotonic();
        if (newer) {
            granter = grant.copy();
            grantedHeartbeatSentAt = grant.sentAt();
        }
    }

    /// Whether this very copy has granted a lease with a heartbeat that was sent within so many milliseconds.
    boolean hasGranted(CopyId asked, long millis, ClockReading now) {
        return asked.equals(granter) && grantedHeartbeatSentAt != null && now.isWithin(millis, grantedHeartbeatSentAt);
    }

    /// When this very copy's lease grant expires, as far as the leader knows.
    ClockReading leaseExpiresAt(CopyId asked, long millis) {
        return asked.equals(granter) && grantedHeartbeatSentAt != null ? grantedHeartbeatSentAt.plus(millis) : ClockReading.NEVER;
    }

    /// Whether it has been silent for so many milliseconds, or was never heard of in that time.
    boolean isSilent(CopyId asked, long millis, ClockReading now) {
        return silentFor(asked, now) >= millis;
    }

    long silentFor(CopyId asked, ClockReading now) {
        ClockReading last = grantedHeartbeatSentAt != null && asked.equals(granter) ? grantedHeartbeatSentAt : expectedSince;
        return now.since(last);
    }

    /// Whether the very copy has said that it has no room for more.
    boolean isDiskFull(CopyId asked) {
        return diskFull && asked.equals(copy);
    }

    /// Whether it has said that its node stops.
    boolean isStopping(CopyId asked) {
        return stopping && asked.equals(copy);
    }

    /// Whether the very copy has said that it cannot go on for now.
    boolean wantsToLeave(CopyId asked) {
        return isDiskFull(asked) || isStopping(asked);
    }

    /// What an administrator is told of it.
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

    /// How long ago it had all that there was.
    long lagsFor(ClockReading now) {
        return now.since(caughtUpAt);
    }
}
