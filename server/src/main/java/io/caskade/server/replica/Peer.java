package io.caskade.server.replica;

import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Another copy as its leader knows it, in one epoch: how far its stream has come, and when it was heard of.
final class Peer {

    /// So many chunks may be on their way: a slow copy costs no more memory than they take.
    private static final int MOST_CHUNKS_AHEAD = 4;

    private static final long UNKNOWN = -1;

    private final String node;

    /// Since when it is expected to be heard of.
    private final Moment since;

    private @Nullable Leader process;
    private @Nullable InSyncCopy copy;
    private long stream;

    /// Whether the follower has said that its log ends where it is to be fed from.
    private boolean ready;

    /// Whether a chunk is being read.
    private boolean feeding;

    private long sent;

    /// What the follower is known to have received, and when it last said so.
    private long received;

    private Moment acknowledgedAt;
    private final Deque<Long> ahead = new ArrayDeque<>();
    private long held = UNKNOWN;
    private boolean full;
    private boolean stopping;

    private @Nullable InSyncCopy supporter;
    private @Nullable Moment supportedAt;

    /// When it last had all that there was at an earlier time, and what it is to have next.
    private Moment caughtUpAt;

    private long goal;
    private Moment goalSetAt;

    Peer(String node, Moment since) {
        this.node = node;
        this.since = since;
        this.caughtUpAt = since;
        this.goalSetAt = since;
        this.acknowledgedAt = since;
    }

    String node() {
        return node;
    }

    /// The process that streams, null while none does.
    @Nullable
    Leader process() {
        return process;
    }

    /// The copy that streams, null while none does.
    @Nullable
    InSyncCopy copy() {
        return copy;
    }

    /// Begins to feed a stream from where the logs part, once the follower has said that it is there.
    void open(Leader by, Message.Open open, long parting, Moment now) {
        if (!open.copy().equals(copy)) {
            held = UNKNOWN;
            full = false;
        }
        if (!by.equals(process)) {
            stopping = false;
        }
        process = by;
        copy = open.copy();
        stream = open.stream();
        ready = false;
        feeding = false;
        sent = parting;
        received = parting;
        acknowledgedAt = now;
        ahead.clear();
    }

    boolean isStream(Leader by, long id) {
        return by.equals(process) && stream == id;
    }

    void acknowledged(Message.Ack ack, long logEnd, Moment now) {
        ready = true;
        received = Math.max(received, ack.received());
        acknowledgedAt = now;
        held = Math.max(held, ack.held());
        full = ack.full();
        stopping = ack.stopping();
        while (!ahead.isEmpty() && ahead.getFirst() <= ack.received()) {
            ahead.removeFirst();
        }
        if (held >= goal) {
            caughtUpAt = goalSetAt;
            goal = logEnd;
            goalSetAt = now;
        }
    }

    /// Ends a stream that has not moved for so many milliseconds.
    void closeIfStuck(long millis, Moment now) {
        if (process != null && now.since(acknowledgedAt) >= millis) {
            process = null;
            ready = false;
        }
    }

    /// Whether this very copy is being fed, and has never been without the records behind a sequence since it
    /// began.
    boolean isFed(InSyncCopy asked, long from) {
        return process != null && asked.equals(copy) && received <= from;
    }

    /// How far it has come; removals behind that are kept for it while it is fed.
    long received() {
        return received;
    }

    /// What the very copy is known to hold, less than nothing when it is not known.
    long heldBy(InSyncCopy asked) {
        return asked.equals(copy) ? held : UNKNOWN;
    }

    /// Whether the stream should be given more. What is committed it learns with the next chunk, or the next beacon.
    boolean wants(long logEnd) {
        return ready && !feeding && ahead.size() < MOST_CHUNKS_AHEAD && sent < logEnd;
    }

    void isFeeding() {
        feeding = true;
    }

    long sent() {
        return sent;
    }

    long stream() {
        return stream;
    }

    void fed(long to) {
        feeding = false;
        if (to > sent) {
            ahead.addLast(to);
        }
        sent = to;
    }

    void answered(Message.BeaconAnswer answer) {
        boolean newer = supportedAt == null || answer.sentAt().monotonic() > supportedAt.monotonic();
        if (newer) {
            supporter = answer.copy();
            supportedAt = answer.sentAt();
        }
    }

    /// Whether this very copy has answered a beacon that was sent within so many milliseconds.
    boolean supports(InSyncCopy asked, long millis, Moment now) {
        return asked.equals(supporter) && supportedAt != null && now.isWithin(millis, supportedAt);
    }

    /// Until when this very copy supports its leader, as far as it is known.
    Moment supportsUntil(InSyncCopy asked, long millis) {
        return asked.equals(supporter) && supportedAt != null ? supportedAt.plus(millis) : Moment.NEVER;
    }

    /// Whether it has been silent for so many milliseconds, or was never heard of in that time.
    boolean isSilent(InSyncCopy asked, long millis, Moment now) {
        return silentFor(asked, now) >= millis;
    }

    long silentFor(InSyncCopy asked, Moment now) {
        Moment last = supportedAt != null && asked.equals(supporter) ? supportedAt : since;
        return now.since(last);
    }

    /// Whether the very copy has said that it has no room for more.
    boolean isFull(InSyncCopy asked) {
        return full && asked.equals(copy);
    }

    /// Whether it has said that its node stops.
    boolean isStopping(InSyncCopy asked) {
        return stopping && asked.equals(copy);
    }

    /// Whether the very copy has said that it cannot go on for now.
    boolean wantsToLeave(InSyncCopy asked) {
        return isFull(asked) || isStopping(asked);
    }

    /// What an administrator is told of it.
    FollowerStanding standing(long logEnd) {
        boolean known = held != UNKNOWN;
        return new FollowerStanding(
                node,
                process != null,
                known ? OptionalLong.of(held) : OptionalLong.empty(),
                known ? OptionalLong.of(Math.max(0, logEnd - held)) : OptionalLong.empty());
    }

    boolean lags(long logEnd, long millis, Moment now) {
        return held < logEnd && lagsFor(now) >= millis;
    }

    /// How long ago it had all that there was.
    long lagsFor(Moment now) {
        return now.since(caughtUpAt);
    }
}
