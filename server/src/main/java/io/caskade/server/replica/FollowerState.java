package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// A follower's end of the stream from one epoch's leader, and its failure detector.
final class FollowerState {

    /// The state of the stream.
    private sealed interface StreamState {
        /// No stream is open.
        record Closed() implements StreamState {}

        /// StreamOpen was sent; waiting for StreamOpened.
        record Opening(long stream) implements StreamState {}

        /// StreamOpened arrived; the log is being truncated to the divergence point.
        record Truncating(long stream, long last, EpochHistory leaderEpochs) implements StreamState {}

        /// The log is a prefix of the leader's and grows by appends.
        record Streaming(long stream, EpochHistory leaderEpochs) implements StreamState {}
    }

    /// A leader sends no more ahead.
    private static final int MAX_NEXT_APPENDS = FollowerProgress.MAX_IN_FLIGHT_APPENDS;

    private final int epoch;
    private final @Nullable NodeIncarnation leader;
    private final Timeouts timeouts;
    private final LogPositions positions;
    private final FailureDetector failureDetector;

    private StreamState streamState = new StreamState.Closed();
    /// The append that is being stored; its bounds are persisted before.
    private Message.@Nullable AppendRecords pendingAppend;

    /// Those that arrived meanwhile and continue it.
    private final Deque<Message.AppendRecords> nextAppends = new ArrayDeque<>();

    /// Whether the disk was full at the last append.
    private boolean diskFull;

    /// Whether the node is shutting down.
    private boolean stopping;

    /// Whether the copy is damaged.
    private boolean damaged;

    /// The high watermark from the leader's last message.
    private long leaderEnd;

    private long leaderHighWatermark;

    /// When the stream last made progress.
    private ClockReading lastProgressAt;

    /// @param leader null when there is none in this epoch
    FollowerState(
            int epoch, @Nullable NodeIncarnation leader, Timeouts timeouts, LogPositions positions, ClockReading now) {
        this.epoch = epoch;
        this.leader = leader;
        this.timeouts = timeouts;
        this.positions = positions;
        this.failureDetector = new FailureDetector(leader == null ? null : leader.node(), timeouts, now);
        this.lastProgressAt = now;
    }

    int epoch() {
        return epoch;
    }

    FailureDetector failureDetector() {
        return failureDetector;
    }

    boolean matches(int otherEpoch, @Nullable NodeIncarnation other) {
        return epoch == otherEpoch && leader != null && leader.equals(other);
    }

    /// Sends StreamOpen.
    void openStream(CopyId copy, long stream, ClockReading now, Effects.Builder effects) {
        if (leader == null) {
            return;
        }
        closeStream();
        streamState = new StreamState.Opening(stream);
        lastProgressAt = now;
        effects.send(
                leader.node(), new Message.StreamOpen(epoch, stream, copy, positions.epochs(), positions.logEnd()));
    }

    /// Whether to send StreamOpen, for the first time or again because nothing has come for too long.
    boolean shouldOpen(ClockReading now) {
        boolean overdue = now.since(lastProgressAt) >= timeouts.retry();
        return switch (streamState) {
            case StreamState.Closed _ -> pendingAppend == null && overdue;
            case StreamState.Opening _ -> overdue;
            case StreamState.Truncating _ -> false;
            case StreamState.Streaming _ -> pendingAppend == null && overdue && leaderEnd > positions.logEnd();
        };
    }

    void onHeartbeat(Message.Heartbeat heartbeat, ClockReading now) {
        failureDetector.recordContact(now);
        leaderEnd = Math.max(leaderEnd, heartbeat.logEnd());
        leaderHighWatermark = Math.max(leaderHighWatermark, heartbeat.highWatermark());
    }

    boolean isOpening(Message.StreamOpened opened) {
        return streamState instanceof StreamState.Opening(long stream) && stream == opened.streamId();
    }

    boolean isStreaming() {
        return streamState instanceof StreamState.Streaming;
    }

    boolean isStreaming(long id) {
        return pendingAppend == null
                && streamState instanceof StreamState.Streaming(long stream, EpochHistory _)
                && stream == id;
    }

    /// Truncates to the divergence point, or starts streaming.
    void onStreamOpened(Message.StreamOpened opened, ClockReading now, Effects.Builder effects) {
        lastProgressAt = now;
        if (opened.divergencePoint() < positions.logEnd()) {
            streamState = new StreamState.Truncating(opened.streamId(), opened.divergencePoint(), opened.epochs());
            effects.truncate(opened.divergencePoint());
        } else {
            streamState = new StreamState.Streaming(opened.streamId(), opened.epochs());
            sendAck(effects);
        }
    }

    void onTruncated(Effects.Builder effects) {
        if (streamState instanceof StreamState.Truncating(long stream, long last, EpochHistory leaderEpochs)) {
            positions.truncateTo(last);
            streamState = new StreamState.Streaming(stream, leaderEpochs);
            sendAck(effects);
        }
    }

    /// Whatever was to be stored is not waited for any more.
    private void closeStream() {
        streamState = new StreamState.Closed();
        pendingAppend = null;
        nextAppends.clear();
    }

    boolean isAwaiting(Message.AppendRecords append) {
        return append.equals(pendingAppend);
    }

    /// Where the log will end when all that has arrived is stored.
    private long expectedEnd() {
        Message.AppendRecords last = nextAppends.isEmpty() ? pendingAppend : nextAppends.getLast();
        return last == null ? positions.logEnd() : last.lastSequence();
    }

    /// Stores an append that continues the log, after those before it. After a gap, a message was lost or
    /// overtaken: opens the stream again.
    void onAppend(Message.AppendRecords append, ClockReading now, Effects.Builder effects) {
        if (!(streamState instanceof StreamState.Streaming(long stream, EpochHistory leaderEpochs))
                || stream != append.streamId()) {
            return;
        }
        leaderEnd = Math.max(leaderEnd, append.lastSequence());
        leaderHighWatermark = Math.max(leaderHighWatermark, append.highWatermark());
        if (append.previousSequence() != expectedEnd() || nextAppends.size() == MAX_NEXT_APPENDS) {
            closeStream();
        } else if (pendingAppend != null) {
            nextAppends.add(append);
        } else {
            store(append, leaderEpochs, now, effects);
        }
    }

    private void store(
            Message.AppendRecords append, EpochHistory leaderEpochs, ClockReading now, Effects.Builder effects) {
        lastProgressAt = now;
        if (positions.raiseBounds(new Effects.Bounds(append.purgeHorizon(), append.completeAt(), append.logTime()))) {
            effects.bounds(positions.bounds());
        }
        if (append.lastSequence() > append.previousSequence()) {
            pendingAppend = append;
            effects.appendReplicated(new Effects.AppendReplicated(append, leaderEpochs.upTo(append.lastSequence())));
        }
    }

    /// The append is in the log. If a sync must come first, [#sendAck] follows when it completes.
    void onReplicatedAppended(ClockReading now, Effects.Builder effects) {
        Message.AppendRecords append = pendingAppend;
        pendingAppend = null;
        if (append == null || !(streamState instanceof StreamState.Streaming(long _, EpochHistory leaderEpochs))) {
            throw new IllegalStateException("no append was pending");
        }
        diskFull = false;
        positions.setLogEnd(append.lastSequence());
        positions.setEpochs(leaderEpochs.upTo(append.lastSequence()));
        if (positions.acknowledgedEnd() == positions.logEnd()) {
            sendAck(effects);
        }
        while (pendingAppend == null && !nextAppends.isEmpty()) {
            store(nextAppends.removeFirst(), leaderEpochs, now, effects);
        }
    }

    /// The disk was full: the stream is opened again later. The leader is told at once, so that writes need not
    /// wait for this copy.
    void onRejected(Effects.Builder effects) {
        diskFull = true;
        sendAck(effects);
        closeStream();
    }

    /// Sends the leader this copy's positions.
    void sendAck(Effects.Builder effects) {
        if (leader != null && streamState instanceof StreamState.Streaming(long stream, EpochHistory _)) {
            effects.send(
                    leader.node(),
                    new Message.AppendAck(
                            epoch,
                            stream,
                            positions.logEnd(),
                            positions.acknowledgedEnd(),
                            diskFull,
                            stopping,
                            damaged));
        }
    }

    /// Whether an append or a truncation is in progress.
    boolean isBusy() {
        return pendingAppend != null || streamState instanceof StreamState.Truncating;
    }

    /// Has the next acknowledgements tell the leader that the copy is damaged.
    void reportDamage() {
        damaged = true;
    }

    /// Asks the leader to remove this copy from the ISR, so that no write waits for it when it is gone.
    void requestIsrRemoval(Effects.Builder effects) {
        stopping = true;
        sendAck(effects);
    }

    /// The HW this follower may adopt, once it is complete and its log is a prefix of the leader's.
    long adoptableHighWatermark() {
        boolean prefix = streamState instanceof StreamState.Streaming;
        long committed = Math.min(leaderHighWatermark, positions.acknowledgedEnd());
        return prefix && positions.isCompleteAt(committed) ? committed : positions.highWatermark();
    }
}
