package io.caskade.server.replica;

import io.caskade.server.cluster.PartitionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What a replica wants done after an event, to be carried out in the order of the components: committed records are
/// visible before anybody is answered, hears of a new role, or has more written; records are in the log before they are
/// synced; and all of that comes before the state moves.
///
/// @param commit the sequence up to which records become visible
/// @param append to be answered at once with [Event.Appended], [Event.AppendRefused] or [Event.DiskFailed]
/// @param sync whether to sync the log beside the loop and tell the replica when that is done
/// @param settled proposals and prepared answers whose outcome is known
/// @param stateWrite a compare-and-set of the partition's state
/// @param readState whether to read the partition's state afresh and tell
/// @param notes what an operator should be able to read in the node's log
public record Effects(
        OptionalLong commit,
        Optional<Append> append,
        boolean sync,
        List<Settled> settled,
        Optional<StateWrite> stateWrite,
        boolean readState,
        List<Note> notes) {

    /// A group commit: a MARK, then the proposals' records, each proposal a batch.
    ///
    /// @param firstSequence the MARK's
    /// @param time the leader's, Unix milliseconds
    /// @param watermark what the MARK names as committed and synced
    public record Append(int epoch, long firstSequence, long time, long watermark, List<Proposal> proposals) {}

    /// The outcome of a proposal or a prepared answer.
    ///
    /// @param refusal null when it was committed, or may be given
    public record Settled(long token, @Nullable Refusal refusal) {}

    /// A new state, to be written if the stored one still has the expected version.
    public record StateWrite(PartitionState next, int expectedVersion) {}

    /// A line of the node's log.
    public record Note(boolean warning, String text) {}

    /// Gathers the effects of one step.
    static final class Builder {
        private @Nullable Append append;
        private boolean sync;
        private OptionalLong commit = OptionalLong.empty();
        private final List<Settled> settled = new ArrayList<>();
        private @Nullable StateWrite stateWrite;
        private boolean readState;
        private final List<Note> notes = new ArrayList<>();

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

        void inform(String text) {
            notes.add(new Note(false, text));
        }

        void warn(String text) {
            notes.add(new Note(true, text));
        }

        Effects build() {
            return new Effects(
                    commit,
                    Optional.ofNullable(append),
                    sync,
                    List.copyOf(settled),
                    Optional.ofNullable(stateWrite),
                    readState,
                    List.copyOf(notes));
        }
    }
}
