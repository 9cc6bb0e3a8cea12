package io.caskade.server.command;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The key-value commands, for listeners. Every answer is linearizable, except to a [ReplicaRead]. Thread-safe.
///
/// Methods throw a [CommandRefusedException], or their stages fail with it, for every refusal. Stages complete
/// on a thread that must not be blocked.
public interface CommandHandler {

    /// A position in a partition's committed history that covers everything its answer depends on.
    record Position(int partition, int epoch, long sequence) {}

    /// An answer and its position.
    ///
    /// @param servedBy the node that answered; null for this one
    record Answer<T extends @Nullable Object>(
            T value, Position position, @Nullable String servedBy) {

        /// An answer of this node.
        public Answer(T value, Position position) {
            this(value, position, null);
        }
    }

    /// A committed record that has not expired.
    ///
    /// @param value empty when only the rest was asked for
    /// @param valueBytes the length of the value
    /// @param expiresAt Unix milliseconds, 0 for never
    /// @param ttlMillis the remaining time by the leader's time, or for a [ReplicaRead] by the replica's; -1
    ///     when it never expires
    record FoundRecord(byte[] key, byte[] value, int valueBytes, long version, long expiresAt, long ttlMillis) {

        /// With its value.
        public FoundRecord(byte[] key, byte[] value, long version, long expiresAt, long ttlMillis) {
            this(key, value, value.length, version, expiresAt, ttlMillis);
        }
    }

    /// A page of a partition's records in hash order.
    ///
    /// @param next the position the next page starts at, 0 when this page is the last
    record Page(List<FoundRecord> records, long next) {
        /// Makes the list immutable.
        public Page {
            records = List.copyOf(records);
        }
    }

    /// A started get.
    sealed interface StartedGet {
        /// About how many bytes its record takes in memory, at least; 0 when there is none.
        long bytes();

        /// Completes it. May block the calling thread if it [needs the disk][NeedsDisk].
        CompletionStage<Answer<@Nullable FoundRecord>> finish();

        /// Completes once it is known how many bytes its record takes.
        default CompletionStage<StartedGet> begun() {
            return CompletableFuture.completedStage(this);
        }

        /// It was or will be answered without the caller.
        record Answered(long bytes, CompletionStage<Answer<@Nullable FoundRecord>> finish) implements StartedGet {
            /// Whether the answer is known already, and no refusal.
            public boolean isKnown() {
                return finish.toCompletableFuture().state() == Future.State.SUCCESS;
            }
        }

        /// Only the disk has the record.
        record NeedsDisk(long bytes, Supplier<CompletionStage<Answer<@Nullable FoundRecord>>> read)
                implements StartedGet {
            @Override
            public CompletionStage<Answer<@Nullable FoundRecord>> finish() {
                return read.get();
            }
        }

        /// Another node is asked, and has not said yet how many bytes the record takes.
        record Forwarded(CompletionStage<StartedGet> begun) implements StartedGet {
            @Override
            public long bytes() {
                return 0;
            }

            @Override
            public CompletionStage<Answer<@Nullable FoundRecord>> finish() {
                return begun.thenCompose(StartedGet::finish);
            }
        }

        /// Another node has the record, and sends it once it is finished here; given up by that node if that
        /// takes longer than a read may wait for its bytes.
        record AtPeer(long bytes, Supplier<CompletionStage<Answer<@Nullable FoundRecord>>> fetch)
                implements StartedGet {
            @Override
            public CompletionStage<Answer<@Nullable FoundRecord>> finish() {
                return fetch.get();
            }
        }
    }

    /// How many partitions there are.
    int partitions();

    /// The partition of a key.
    int partitionOf(byte[] key);

    /// Starts to get a key's record, or null, as its partition's leader: everything that needs no disk. Never
    /// blocks.
    StartedGet beginGet(byte[] key);

    /// As [#beginGet(byte[])], for callers that need all but the value: if this node leads, the value is not
    /// read, and the bytes are 0.
    default StartedGet beginGetInfo(byte[] key) {
        return beginGet(key);
    }

    /// Starts to get a key's record, or null, by what this node's replica has applied, whether it leads or not,
    /// once it has come as far as the read demands. Never blocks.
    CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read);

    /// Executes a write. Never blocks.
    CompletionStage<Answer<Command.Result>> write(Command command);

    /// Executes a write on this node, after all writes of its key that the calling thread gave to this method
    /// before; or refuses it with `NOT_LEADER` or `NOT_SERVING`, because only another node, or a later time,
    /// can execute it. Never blocks.
    default CompletionStage<Answer<Command.Result>> writeInOrder(Command command) {
        throw new CommandRefusedException(
                CommandRefusedException.Reason.NOT_LEADER, "no order is kept here; nothing was done");
    }

    /// Executes the writes of a batch together. Never blocks.
    CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch);

    /// Lists records of a partition from a position on, 0 for the start. May block the calling thread on the
    /// disk.
    ///
    /// @param limit about how many records to examine, 1 to 10000, or 0 for 100; those that do not match the
    ///     prefix or have expired are left out
    CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix);

    /// Counts a partition's records, those included that have expired and were not removed. Never blocks.
    CompletionStage<Answer<Long>> count(int partition);

    /// How many bytes a page of [#scan] takes in memory at most.
    long maxPageBytes();
}
