package io.caskade.server.replica;

import io.caskade.bitcask.log.EpochHistory;
import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import org.jspecify.annotations.Nullable;

/// A follower's side of the stream from the leader of one epoch, and its doubts about that leader.
final class Followership {

    /// How far the stream is.
    private sealed interface Link {
        /// There is none.
        record Closed() implements Link {}

        /// The leader was asked.
        record Opening(long stream) implements Link {}

        /// The log is being cut back to where it parts from the leader's.
        record Cutting(long stream, long last, EpochHistory leaders) implements Link {}

        /// The log is a prefix of the leader's and grows by chunks.
        record Streaming(long stream, EpochHistory leaders) implements Link {}
    }

    private final int epoch;
    private final @Nullable Leader leader;
    private final Timing timing;
    private final Offsets offsets;
    private final Suspicion suspicion;

    private Link link = new Link.Closed();
    private Message.@Nullable Chunk storing;

    /// Whether there was no room for what was to be stored last.
    private boolean full;

    /// Whether its node stops.
    private boolean stopping;

    /// What the leader has said of itself.
    private long leaderEnd;

    private long leaderWatermark;

    /// When the stream last moved.
    private Moment movedAt;

    /// @param leader null when there is none in this epoch
    Followership(int epoch, @Nullable Leader leader, Timing timing, Offsets offsets, Moment now) {
        this.epoch = epoch;
        this.leader = leader;
        this.timing = timing;
        this.offsets = offsets;
        this.suspicion = new Suspicion(leader == null ? null : leader.node(), timing, now);
        this.movedAt = now;
    }

    int epoch() {
        return epoch;
    }

    Suspicion suspicion() {
        return suspicion;
    }

    boolean isOf(int otherEpoch, @Nullable Leader other) {
        return epoch == otherEpoch && leader != null && leader.equals(other);
    }

    /// Asks for the log.
    void open(InSyncCopy copy, long stream, Moment now, Effects.Builder effects) {
        if (leader == null) {
            return;
        }
        link = new Link.Opening(stream);
        movedAt = now;
        effects.send(leader.node(), new Message.Open(epoch, stream, copy, offsets.epochs(), offsets.logEnd()));
    }

    /// Whether the log should be asked for, for the first time or because nothing has come for too long.
    boolean shouldOpen(Moment now) {
        boolean overdue = now.since(movedAt) >= timing.retry();
        return switch (link) {
            case Link.Closed _ -> storing == null && overdue;
            case Link.Opening _ -> overdue;
            case Link.Cutting _ -> false;
            case Link.Streaming _ -> storing == null && overdue && leaderEnd > offsets.logEnd();
        };
    }

    void heard(Message.Beacon beacon, Moment now) {
        suspicion.heard(now);
        leaderEnd = Math.max(leaderEnd, beacon.logEnd());
        leaderWatermark = Math.max(leaderWatermark, beacon.watermark());
    }

    boolean isOpening(Message.Opened opened) {
        return link instanceof Link.Opening(long stream) && stream == opened.stream();
    }

    boolean isFed() {
        return link instanceof Link.Streaming;
    }

    boolean isFedBy(long id) {
        return storing == null && link instanceof Link.Streaming(long stream, EpochHistory _) && stream == id;
    }

    /// Cuts the log back to where it parts from the leader's, or goes on at once when it does not.
    void opened(Message.Opened opened, Moment now, Effects.Builder effects) {
        movedAt = now;
        if (opened.parting() < offsets.logEnd()) {
            link = new Link.Cutting(opened.stream(), opened.parting(), opened.epochs());
            effects.truncate(opened.parting());
        } else {
            link = new Link.Streaming(opened.stream(), opened.epochs());
            acknowledge(effects);
        }
    }

    void truncated(Effects.Builder effects) {
        if (link instanceof Link.Cutting(long stream, long last, EpochHistory leaders)) {
            offsets.cutAt(last);
            link = new Link.Streaming(stream, leaders);
            acknowledge(effects);
        }
    }

    /// Has a chunk stored that continues the log. One that leaves a gap was overtaken or lost on the way: the
    /// stream is opened anew.
    void received(Message.Chunk chunk, Moment now, Effects.Builder effects) {
        if (!(link instanceof Link.Streaming(long stream, EpochHistory leaders)) || stream != chunk.stream()) {
            return;
        }
        leaderEnd = Math.max(leaderEnd, chunk.to());
        leaderWatermark = Math.max(leaderWatermark, chunk.watermark());
        if (chunk.from() != offsets.logEnd() || storing != null) {
            link = new Link.Closed();
            return;
        }
        movedAt = now;
        if (offsets.adopt(new Effects.Bounds(chunk.horizon(), chunk.wholeFrom()))) {
            effects.bounds(offsets.bounds());
        }
        if (chunk.to() > chunk.from()) {
            storing = chunk;
            effects.store(new Effects.Store(chunk, leaders.upTo(chunk.to())));
        }
    }

    /// The chunk is in the log. Where it counts only once it is synced, the end of the sync tells the leader of it.
    void stored(Effects.Builder effects) {
        Message.Chunk chunk = storing;
        storing = null;
        if (chunk == null || !(link instanceof Link.Streaming(long _, EpochHistory leaders))) {
            throw new IllegalStateException("nothing was to be stored");
        }
        full = false;
        offsets.logEndsAt(chunk.to());
        offsets.epochsAre(leaders.upTo(chunk.to()));
        if (offsets.held() == offsets.logEnd()) {
            acknowledge(effects);
        }
    }

    /// There was no room for the chunk: it is asked for again, later. The leader hears of it at once: it need not have
    /// everybody wait for this copy.
    void refused(Effects.Builder effects) {
        storing = null;
        full = true;
        acknowledge(effects);
        link = new Link.Closed();
    }

    /// Tells the leader how far the copy is.
    void acknowledge(Effects.Builder effects) {
        if (leader != null && link instanceof Link.Streaming(long stream, EpochHistory _)) {
            effects.send(
                    leader.node(), new Message.Ack(epoch, stream, offsets.logEnd(), offsets.held(), full, stopping));
        }
    }

    /// Whether the log is being changed.
    boolean isBusy() {
        return storing != null || link instanceof Link.Cutting;
    }

    /// Asks the leader to let it leave the in-sync set, so that nobody waits for it when it is gone.
    void stops(Effects.Builder effects) {
        stopping = true;
        acknowledge(effects);
    }

    /// How far this copy may show records: what the leader has committed and it holds, once it is whole. While
    /// the logs may still part nothing more is shown.
    long visibleTo() {
        boolean prefix = link instanceof Link.Streaming;
        long committed = Math.min(leaderWatermark, offsets.held());
        return prefix && offsets.isWholeAt(committed) ? committed : offsets.watermark();
    }
}
