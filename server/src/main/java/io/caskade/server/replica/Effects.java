package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The effects of one event, to be applied in the order of the components: bounds are persisted before the
/// records they came with, which wait for that; committed records are visible before any client is answered,
/// before a new role is published and before more is appended; records are in the log before they are synced or
/// sent; and all of that happens before the state is written and before messages are sent.
///
/// @param bounds to be persisted, off the loop, before any replicated append is stored
/// @param truncate the last record to keep; answered at once with [Event.Truncated]
/// @param rebuild whether to set the copy aside, start an empty one under a new identity, and answer with
///     [Event.Rebuilt]; the old copy may be deleted once it is not in the state's ISR
/// @param commit the sequence up to which records become visible
/// @param append answered at once with [Event.Appended], [Event.AppendRejected] or [Event.DiskFailed]
/// @param appendReplicated answered with [Event.ReplicatedAppended], [Event.AppendRejected] or
///     [Event.DiskFailed]: at once, or when the bounds are persisted, if [Replica#isAwaiting] it then
/// @param sync whether to sync the log off the loop; answered later with [Event.Synced]
/// @param settled proposals, prepared answers and reads whose outcome is known
/// @param stateWrite a compare-and-set of the partition's state
/// @param readState whether to read the partition's state; answered later with [Event.StateObserved]
/// @param sendRecords appends to be read from the log and sent, each to be answered with [Event.RecordsSent]
/// @param sends messages to other replicas
/// @param wakeAfterMillis after how long to answer with [Event.Woken]
/// @param notes lines for the node's log
public record Effects(
        Optional<Bounds> bounds,
        OptionalLong truncate,
        boolean rebuild,
        OptionalLong commit,
        Optional<Append> append,
        Optional<AppendReplicated> appendReplicated,
        boolean sync,
        List<Settled> settled,
        Optional<StateWrite> stateWrite,
        boolean readState,
        List<SendRecords> sendRecords,
        List<Send> sends,
        OptionalLong wakeAfterMillis,
        List<LogLine> notes) {

    /// What a restart must preserve in addition to the log.
    ///
    /// @param purgeHorizon see [Message.AppendRecords], as for the other
    public record Bounds(long purgeHorizon, long completeAt, long logTime) {}

    /// Replicated batches to append to the log.
    ///
    /// @param epochs the log's epochs including these batches; the batches may lack the records that show them
    public record AppendReplicated(Message.AppendRecords append, EpochHistory epochs) {}

    /// Records to send on a stream: the driver reads whole batches after `previousSequence`, possibly none, and
    /// sends them.
    ///
    /// @param completeAt the completeness point of the leader's own log
    public record SendRecords(
            NodeIncarnation to,
            int epoch,
            long streamId,
            long previousSequence,
            long highWatermark,
            long purgeHorizon,
            long completeAt) {

        /// The message, once the batches have been read.
        ///
        /// @param last the last sequence its span covers
        /// @param localCompleteAt the end of the part of the log in which local merges may have left gaps, if
        ///     the append begins before it; 0 otherwise
        /// @param logTime the newest time in a MARK that merging has left out; 0 when none is missing
        public Message.AppendRecords message(long last, long localCompleteAt, long logTime, Batches batches) {
            long sentCompleteAt = Math.max(localCompleteAt, previousSequence < completeAt ? completeAt : 0);
            return new Message.AppendRecords(
                    epoch,
                    streamId,
                    previousSequence,
                    last,
                    highWatermark,
                    purgeHorizon,
                    sentCompleteAt,
                    logTime,
                    batches);
        }
    }

    /// A message to another replica.
    public record Send(String to, Message message) {}

    /// A group commit: a MARK, then the proposals' records, each proposal a batch.
    ///
    /// @param firstSequence the MARK's sequence
    /// @param time the leader's time, Unix milliseconds
    /// @param highWatermark the high watermark that the MARK carries; committed and synced
    public record Append(int epoch, long firstSequence, long time, long highWatermark, List<Proposal> proposals) {}

    /// The outcome of a proposal, a prepared answer or a read.
    ///
    /// @param refusal null when the proposal is committed, or the answer or read is allowed
    public record Settled(long token, @Nullable Refusal refusal) {}

    /// A new state, written only if the stored one still has the expected version.
    public record StateWrite(PartitionState next, int expectedVersion) {}

    /// A line of the node's log.
    public record LogLine(Level level, String text) {}

    /// The log level.
    public enum Level {
        /// Normal operation.
        INFO,
        /// Something an operator should look at.
        WARN,
        /// Something an operator must repair.
        ERROR
    }

    /// Collects the effects of one step.
    static final class Builder {
        private @Nullable Bounds bounds;
        private OptionalLong truncate = OptionalLong.empty();
        private boolean rebuild;
        private @Nullable Append append;
        private @Nullable AppendReplicated appendReplicated;
        private boolean sync;
        private OptionalLong commit = OptionalLong.empty();
        private final List<Settled> settled = new ArrayList<>();
        private @Nullable StateWrite stateWrite;
        private boolean readState;
        private final List<SendRecords> sendRecords = new ArrayList<>();
        private final List<Send> sends = new ArrayList<>();
        private OptionalLong wakeAfterMillis = OptionalLong.empty();
        private final List<LogLine> notes = new ArrayList<>();

        void bounds(Bounds kept) {
            bounds = kept;
        }

        void truncate(long last) {
            truncate = OptionalLong.of(last);
        }

        void rebuild() {
            rebuild = true;
        }

        void appendReplicated(AppendReplicated store) {
            appendReplicated = store;
        }

        void sendRecords(SendRecords send) {
            sendRecords.add(send);
        }

        void send(String to, Message message) {
            sends.add(new Send(to, message));
        }

        void append(Append group) {
            append = group;
        }

        void sync() {
            sync = true;
        }

        void commit(long sequence) {
            commit = OptionalLong.of(sequence);
        }

        void settle(long token, @Nullable Refusal refusal) {
            settled.add(new Settled(token, refusal));
        }

        void writeState(PartitionState next, int expectedVersion) {
            stateWrite = new StateWrite(next, expectedVersion);
        }

        void readState() {
            readState = true;
        }

        void wakeAfter(long millis) {
            wakeAfterMillis = OptionalLong.of(Math.min(millis, wakeAfterMillis.orElse(millis)));
        }

        void info(String text) {
            notes.add(new LogLine(Level.INFO, text));
        }

        void warn(String text) {
            notes.add(new LogLine(Level.WARN, text));
        }

        void error(String text) {
            notes.add(new LogLine(Level.ERROR, text));
        }

        Effects build() {
            return new Effects(
                    Optional.ofNullable(bounds),
                    truncate,
                    rebuild,
                    commit,
                    Optional.ofNullable(append),
                    Optional.ofNullable(appendReplicated),
                    sync,
                    List.copyOf(settled),
                    Optional.ofNullable(stateWrite),
                    readState,
                    List.copyOf(sendRecords),
                    List.copyOf(sends),
                    wakeAfterMillis,
                    List.copyOf(notes));
        }
    }
}
