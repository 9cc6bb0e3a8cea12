package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;

/// Messages for tests: each builder starts from the parts that most tests do not care about.
final class Messages {

    /// Batches that no one looks into.
    static final Batches SOME_BATCHES = () -> 10;

    private Messages() {}

    /// Of stream 1 in epoch 2; all of it is committed, there is no purge horizon and there are no gaps.
    static Append append() {
        return new Append();
    }

    /// Of stream 1, from a copy that has room and goes on.
    static Ack ack(int epoch) {
        return new Ack(epoch);
    }

    /// Of stream 1; nothing is rebuilt.
    static Opened opened(int epoch) {
        return new Opened(epoch);
    }

    /// Stream 1.
    static Open open(int epoch, CopyId copy) {
        return new Open(epoch, copy);
    }

    /// Sent at a time that no one looks at.
    static Heartbeat heartbeat(int epoch) {
        return new Heartbeat(epoch);
    }

    /// Of round 1 in epoch 2, from a copy whose last record is of epoch 1 and that hears no leader.
    static Response response(CopyId copy) {
        return new Response(copy);
    }

    /// A message to be.
    interface Builder {
        Message build();
    }

    static final class Append implements Builder {
        private long stream = 1;
        private long from;
        private long to;
        private long highWatermark = -1;
        private long purgeHorizon;
        private long completeAt;
        private long logTime;

        Append stream(long id) {
            stream = id;
            return this;
        }

        /// The last record before it.
        Append from(long sequence) {
            from = sequence;
            return this;
        }

        Append to(long sequence) {
            to = sequence;
            return this;
        }

        Append highWatermark(long sequence) {
            highWatermark = sequence;
            return this;
        }

        Append purgeHorizon(long sequence) {
            purgeHorizon = sequence;
            return this;
        }

        Append completeAt(long sequence) {
            completeAt = sequence;
            return this;
        }

        Append logTime(long millis) {
            logTime = millis;
            return this;
        }

        @Override
        public Message.AppendRecords build() {
            long committed = highWatermark < 0 ? to : highWatermark;
            return new Message.AppendRecords(
                    2, stream, from, to, committed, purgeHorizon, completeAt, logTime, SOME_BATCHES);
        }
    }

    static final class Ack implements Builder {
        private final int epoch;
        private long stream = 1;
        private long received;
        private long acknowledged;
        private boolean diskFull;
        private boolean stopping;
        private boolean damaged;

        private Ack(int epoch) {
            this.epoch = epoch;
        }

        Ack stream(long id) {
            stream = id;
            return this;
        }

        /// All of it received and durable.
        Ack upTo(long sequence) {
            return received(sequence).acknowledged(sequence);
        }

        Ack received(long sequence) {
            received = sequence;
            return this;
        }

        Ack acknowledged(long sequence) {
            acknowledged = sequence;
            return this;
        }

        Ack diskFull() {
            diskFull = true;
            return this;
        }

        Ack stopping() {
            stopping = true;
            return this;
        }

        Ack damaged() {
            damaged = true;
            return this;
        }

        @Override
        public Message.AppendAck build() {
            return new Message.AppendAck(epoch, stream, received, acknowledged, diskFull, stopping, damaged);
        }
    }

    static final class Opened implements Builder {
        private final int epoch;
        private long stream = 1;
        private long divergencePoint;
        private EpochHistory epochs = EpochHistory.EMPTY;

        private Opened(int epoch) {
            this.epoch = epoch;
        }

        Opened stream(long id) {
            stream = id;
            return this;
        }

        Opened divergencePoint(long sequence) {
            divergencePoint = sequence;
            return this;
        }

        Opened epochs(EpochHistory leaderEpochs) {
            epochs = leaderEpochs;
            return this;
        }

        @Override
        public Message.StreamOpened build() {
            return new Message.StreamOpened(epoch, stream, divergencePoint, epochs, false);
        }
    }

    static final class Open implements Builder {
        private final int epoch;
        private final CopyId copy;
        private long stream = 1;
        private EpochHistory epochs = EpochHistory.EMPTY;
        private long logEnd;

        private Open(int epoch, CopyId copy) {
            this.epoch = epoch;
            this.copy = copy;
        }

        Open stream(long id) {
            stream = id;
            return this;
        }

        Open epochs(EpochHistory history) {
            epochs = history;
            return this;
        }

        Open logEnd(long sequence) {
            logEnd = sequence;
            return this;
        }

        @Override
        public Message.StreamOpen build() {
            return new Message.StreamOpen(epoch, stream, copy, epochs, logEnd);
        }
    }

    static final class Heartbeat implements Builder {
        private final int epoch;
        private ClockReading sentAt = new ClockReading(1, 1);
        private long logEnd;
        private long highWatermark;
        private boolean damaged;

        private Heartbeat(int epoch) {
            this.epoch = epoch;
        }

        Heartbeat sentAt(ClockReading time) {
            sentAt = time;
            return this;
        }

        Heartbeat logEnd(long sequence) {
            logEnd = sequence;
            return this;
        }

        Heartbeat highWatermark(long sequence) {
            highWatermark = sequence;
            return this;
        }

        Heartbeat damaged() {
            damaged = true;
            return this;
        }

        @Override
        public Message.Heartbeat build() {
            return new Message.Heartbeat(epoch, sentAt, logEnd, highWatermark, damaged);
        }
    }

    static final class Response implements Builder {
        private final CopyId copy;
        private long round = 1;
        private boolean hearsLeader;
        private long logEnd;

        private Response(CopyId copy) {
            this.copy = copy;
        }

        Response round(long number) {
            round = number;
            return this;
        }

        Response hearsLeader() {
            hearsLeader = true;
            return this;
        }

        Response logEnd(long sequence) {
            logEnd = sequence;
            return this;
        }

        @Override
        public Message.PreVoteResponse build() {
            return new Message.PreVoteResponse(2, round, copy, hearsLeader, 1, logEnd);
        }
    }
}
