package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What a replica wants done after an event, to be carried out in the order of the components: the bounds
/// are kept before the records they came with; committed records are visible before any client is answered,
/// hears of a new role, or has more written; records are in the log before they are synced or sent;
/// and all of that comes before the state moves and before others hear of it.
///
/// @param bounds to be kept for good before anything else is done
/// @param truncate the last record to keep; to be answered at once with [Event.Truncated]
/// @param rebuild whether to set the copy aside, begin another in its place under a new identity, and answer
///     with [Event.Rebuilt]; what was set aside may be deleted once the state does not name it in sync
/// @param commit the sequence up to which records become visible
/// @param append to be answered at once with [Event.Appended], [Event.AppendRejected] or [Event.DiskFailed]
/// @param appendReplicated to be answered at once with [Event.ReplicatedAppended], [Event.AppendRejected] or
///     [Event.DiskFailed]
/// @param sync whether to sync the log beside the loop and tell the replica when that is done
/// @param settled proposals, prepared answers and reads whose outcome is known
/// @param stateWrite a compare-and-set of the partition's state
/// @param readState whether to read the partition's state afresh and tell
/// @param sendRecords appends to be read from the log and sent, each to be answered with [Event.RecordsSent]
/// @param sends what to tell other nodes' copies
/// @param notes what an operator should be able to read in the node's log
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
        List<LogLine> notes) {

    /// What a copy must not forget of its log.
    ///
    /// @param purgeHorizon see [Message.AppendRecords], as for the other
    public record Bounds(long purgeHorizon, long completeAt, long logTime) {}

    /// An append for the log.
    ///
    /// @param epochs which epochs wrote the log with it; the batches may lack the records that show it
    public record AppendReplicated(Message.AppendRecords append, EpochHistory epochs) {}

    /// An append for a stream: the driver reads whole batches behind `previousSequence`, none when there are
    /// none, and sends them.
    ///
    /// @param completeAt where the gaps end that the log itself was fed with
    public record SendRecords(
            NodeIncarnation to,
            int epoch,
            long streamId,
            long previousSequence,
            long highWatermark,
            long purgeHorizon,
            long completeAt) {

        /// The append, once it was read.
        ///
        /// @param last the last sequence its span covers
        /// @param localCompleteAt where the part of the log ends that merging here may have left gaps in, if
        ///     the append begins before; 0 otherwise
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

    /// Something to tell another node's copy.
    public record Send(String to, Message message) {}

    /// A group commit: a MARK, then the proposals' records, each proposal a batch.
    ///
    /// @param firstSequence the MARK's
    /// @param time the leader's, Unix milliseconds
    /// @param highWatermark what the MARK names as committed and synced
    public record Append(int epoch, long firstSequence, long time, long highWatermark, List<Proposal> proposals) {}

    /// The outcome of a proposal, a prepared answer or a read.
    ///
    /// @param refusal null when it was committed, or may be given or made
    public record Settled(long token, @Nullable Refusal refusal) {}

    /// A new state, to be written if the stored one still has the expected version.
    public record StateWrite(PartitionState next, int expectedVersion) {}

    /// A line of the node's log.
    public record LogLine(Level level, String text) {}

    /// How urgent a line is.
    public enum Level {
        /// For the record.
        INFO,
        /// Something to look at.
        WARN,
        /// Something to repair.
        ERROR
    }

    /// Gathers the effects of one step.
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
                    List.copyOf(notes));
        }
    }
}
