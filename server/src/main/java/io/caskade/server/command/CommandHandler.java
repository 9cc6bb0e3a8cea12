package io.caskade.server.command;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// What listeners ask of this node. Every answer is linearizable. Safe for use by any thread.
///
/// Methods throw a [CommandRefusedException] for whatever the caller may be told, or their stages fail with it,
/// on a thread that must not be blocked.
public interface CommandHandler {

    /// A place in a partition's committed history: everything that the answer it comes with rests on.
    record Position(int partition, int epoch, long sequence) {}

    /// An answer and its position.
    record Answer<T extends @Nullable Object>(T value, Position position) {}

    /// A committed record that has not expired.
    ///
    /// @param expiresAt Unix milliseconds, 0 for never
    /// @param ttlMillis what is left by the leader's time, -1 forever
    record FoundRecord(byte[] key, byte[] value, long version, long expiresAt, long ttlMillis) {}

    /// A page of a partition's records in hash order.
    ///
    /// @param next the position the next page starts at, 0 when this page is the last
    record Page(List<FoundRecord> records, long next) {
        /// Makes the list immutable.
        public Page {
            records = List.copyOf(records);
        }
    }

    /// A get that has been begun.
    sealed interface StartedGet {
        /// Does the rest. May block the calling thread if it [needs the disk][NeedsDisk].
        CompletionStage<Answer<@Nullable FoundRecord>> finish();

        /// It is answered, or will be without the caller.
        record Answered(CompletionStage<Answer<@Nullable FoundRecord>> finish) implements StartedGet {}

        /// Only the disk has the record.
        non-sealed interface NeedsDisk extends StartedGet {}
    }

    /// Begins to get the record of a key, or null: all of it that takes no disk. Never blocks.
    StartedGet beginGet(byte[] key);

    /// The record of a key, or null. May block the calling thread on the disk.
    default CompletionStage<Answer<@Nullable FoundRecord>> get(byte[] key) {
        return beginGet(key).finish();
    }

    /// Does a write. Never blocks.
    CompletionStage<Answer<Command.Result>> write(Command command);

    /// Lists records of a partition from a position on, 0 for the start. May block the calling thread on the
    /// disk.
    ///
    /// @param limit about how many records to look at, 1 to 10000, or 0 for 100; those that do not match the
    ///     prefix or have expired are left out
    CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix);
}
