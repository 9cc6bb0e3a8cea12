package io.caskade.server.command;

import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.replica.RecordDraft;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides a batch, given its keys' records: a pure function.
///
/// @param drafts the records to write, of one log batch; empty for none
/// @param result the answer once the drafts, or what the decision depends on, are committed
public record BatchDecision(List<RecordDraft> drafts, WriteBatch.Result result) {

    /// Makes the list immutable.
    public BatchDecision {
        drafts = List.copyOf(drafts);
    }

    /// Finds the records that a batch is decided on.
    @FunctionalInterface
    public interface Records {
        /// The key's record, committed or in flight; null when there is none or it has expired.
        @Nullable
        StoredRecord of(byte[] key);
    }

    /// Decides a batch. Looks no key up after the first check that does not hold.
    ///
    /// @param now the leader's time, Unix milliseconds
    /// @param version the sequence that the next record will get
    /// @param maxBytes the most that its records may take in the log, and the values in its answer
    /// @throws CommandRefusedException when its records take more than that
    public static BatchDecision of(WriteBatch batch, Records records, long now, long version, long maxBytes) {
        for (int i = 0; i < batch.checks().size(); i++) {
            WriteBatch.Check check = batch.checks().get(i);
            if (!CommandDecision.holds(check.condition(), records.of(check.key()))) {
                return new BatchDecision(List.of(), new WriteBatch.Result(i, List.of()));
            }
        }
        Commands commands = new Commands(records, now, version, maxBytes);
        batch.commands().forEach(commands::decide);
        return new BatchDecision(commands.drafts, new WriteBatch.Result(-1, commands.outcomes));
    }

    /// Decides the commands one after the other.
    private static final class Commands {

        private final Records records;
        private final long now;
        private final long firstVersion;
        private final long maxBytes;
        private final List<RecordDraft> drafts = new ArrayList<>();
        private final List<WriteBatch.Outcome> outcomes = new ArrayList<>();

        /// What the commands so far have made of their keys.
        private final Map<ByteBuffer, @Nullable StoredRecord> written = new HashMap<>();

        private long bytes;
        private long answeredBytes;

        Commands(Records records, long now, long firstVersion, long maxBytes) {
            this.records = records;
            this.now = now;
            this.firstVersion = firstVersion;
            this.maxBytes = maxBytes;
        }

        void decide(Command command) {
            long version = firstVersion + drafts.size();
            CommandDecision decision;
            try {
                decision = CommandDecision.of(command, recordFor(command), now, version);
            } catch (CommandRefusedException e) {
                outcomes.add(new WriteBatch.Outcome.Refused(e.reason(), String.valueOf(e.getMessage())));
                return;
            }
            outcomes.add(new WriteBatch.Outcome.Done(decision.result()));
            answer(decision.result().current());
            RecordDraft draft = decision.draft();
            if (draft != null) {
                add(draft, version);
            }
        }

        private @Nullable StoredRecord recordFor(Command command) {
            if (!command.needsRecord()) {
                return null;
            }
            ByteBuffer key = ByteBuffer.wrap(command.key());
            return written.containsKey(key) ? written.get(key) : records.of(command.key());
        }

        /// One record may be in the answers of many commands.
        private void answer(@Nullable StoredRecord current) {
            answeredBytes += current == null ? 0 : current.value().length;
            if (answeredBytes > maxBytes) {
                throw tooLarge(maxBytes);
            }
        }

        private void add(RecordDraft draft, long version) {
            bytes += draft.bytes();
            if (bytes > maxBytes) {
                throw tooLarge(maxBytes);
            }
            drafts.add(draft);
            switch (draft) {
                case RecordDraft.Put put ->
                    written.put(ByteBuffer.wrap(put.key()), new StoredRecord(put.value(), version, put.expiresAt()));
                case RecordDraft.Tombstone tombstone -> written.put(ByteBuffer.wrap(tombstone.key()), null);
            }
        }
    }

    /// What refuses a batch whose records take too many bytes: those that it writes, or those that it reads.
    public static CommandRefusedException tooLarge(long maxBytes) {
        return new CommandRefusedException(
                Reason.INVALID_ARGUMENT,
                "the records of a batch take more than " + maxBytes
                        + " bytes, what the largest record may take (see storage.max-value-size); nothing was done");
    }
}
