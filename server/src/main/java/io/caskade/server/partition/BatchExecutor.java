package io.caskade.server.partition;

import io.caskade.bitcask.store.Store;
import io.caskade.server.command.BatchDecision;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.Position;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.partition.CopyReader.Fetched;
import io.caskade.server.replica.Proposal.Acks;
import io.caskade.server.replica.RecordDraft;
import io.caskade.server.replica.Refusal;
import io.caskade.server.replica.Role;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Executes clients' batches on one partition. As a single write, a batch is decided on the partition's event
/// loop, against committed records, which are fetched before, off the loop, and those in flight. Its records
/// are one proposal, and so one batch of the log.
final class BatchExecutor {

    /// A batch that is not in the log yet.
    ///
    /// @param maxBytes the most that its records may take in the log
    /// @param hold its bytes
    /// @param fetched by key, of all keys whose records are needed; null until it is fetched
    private record PendingBatch(
            WriteBatch batch,
            long maxBytes,
            ByteBudget.Hold hold,
            Map<ByteBuffer, @Nullable Fetched> fetched,
            CompletableFuture<Answer<WriteBatch.Result>> answer) {

        /// The batch was not logged.
        void fail(Throwable cause) {
            hold.release();
            answer.completeExceptionally(cause);
        }
    }

    private final int partition;
    private final ReplicaDriver driver;
    private final InFlightKeys inFlight;
    private final Dependencies dependencies;
    private final ByteBudget inFlightBudget;
    private final CopyReader reader;
    private final WriteAdmission admission;
    private final RefusalMessages refusals;
    private final DelayedAnswers delayed;

    BatchExecutor(
            int partition,
            ReplicaDriver driver,
            InFlightKeys inFlight,
            Dependencies dependencies,
            ByteBudget inFlightBudget,
            CopyReader reader,
            WriteAdmission admission,
            RefusalMessages refusals,
            DelayedAnswers delayed) {
        this.partition = partition;
        this.driver = driver;
        this.inFlight = inFlight;
        this.dependencies = dependencies;
        this.inFlightBudget = inFlightBudget;
        this.reader = reader;
        this.admission = admission;
        this.refusals = refusals;
        this.delayed = delayed;
    }

    /// Executes a batch whose keys are all of this partition. Never blocks.
    ///
    /// @param maxBytes the most that its records may take in the log
    CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch, long maxBytes) {
        requireServingEpoch();
        ByteBudget.Hold hold = inFlightBudget.tryHold(batch.bytes());
        if (hold == null) {
            throw refusals.busy();
        }
        PendingBatch write = new PendingBatch(batch, maxBytes, hold, neededKeys(batch), new CompletableFuture<>());
        if (write.fetched().isEmpty()) {
            dependencies.loop().execute(() -> decideOrFail(write));
        } else {
            dependencies.workers().execute(() -> fetchAndDecide(write));
        }
        return write.answer();
    }

    private static Map<ByteBuffer, @Nullable Fetched> neededKeys(WriteBatch batch) {
        Map<ByteBuffer, @Nullable Fetched> needed = new HashMap<>();
        batch.checks().forEach(check -> needed.put(ByteBuffer.wrap(check.key()), null));
        for (Command command : batch.commands()) {
            if (command.needsRecord()) {
                needed.put(ByteBuffer.wrap(command.key()), null);
            }
        }
        return needed;
    }

    /// Every failure completes the caller's future.
    private void fetchAndDecide(PendingBatch write) {
        try {
            fetch(write);
            dependencies.loop().execute(() -> decideOrFail(write));
        } catch (RuntimeException | Error e) {
            write.fail(e);
        }
    }

    /// Fetches the records that are missing. Values are kept only where a command may write or return them,
    /// and no more of them than the batch may write: the others could be without bound.
    private void fetch(PendingBatch write) {
        Map<ByteBuffer, Boolean> wantsValue = new HashMap<>();
        for (Command command : write.batch().commands()) {
            wantsValue.merge(ByteBuffer.wrap(command.key()), wantsValue(command), Boolean::logicalOr);
        }
        long kept = 0;
        for (Fetched fetched : write.fetched().values()) {
            kept += fetched == null ? 0 : fetched.valueBytes();
        }
        for (Map.Entry<ByteBuffer, @Nullable Fetched> needed : write.fetched().entrySet()) {
            if (needed.getValue() == null) {
                long held = write.batch().bytes() + kept;
                Fetched found = reader.fetch(needed.getKey().array(), write.hold(), held);
                boolean keep = wantsValue.getOrDefault(needed.getKey(), false);
                needed.setValue(keep ? found : found.withoutValue());
                kept += keep ? found.valueBytes() : 0;
                if (kept > write.maxBytes()) {
                    throw BatchDecision.tooLarge(write.maxBytes());
                }
            }
        }
    }

    private static boolean wantsValue(Command command) {
        return switch (command) {
            case Command.Put _, Command.Delete _ -> false;
            case Command.Expire _, Command.Persist _, Command.Increment _, Command.CompareAndSet _ -> true;
        };
    }

    private void decideOrFail(PendingBatch write) {
        try {
            decide(write);
        } catch (RuntimeException e) {
            write.fail(e);
        }
    }

    private void decide(PendingBatch write) {
        int epoch = requireServingEpoch();
        if (dropStale(write)) {
            dependencies.workers().execute(() -> fetchAndDecide(write));
            return;
        }
        long now = driver.leaderTime();
        Records records = new Records(write, now, reader.store().logTime());
        BatchDecision decision = BatchDecision.of(write.batch(), records, now, driver.nextSequence(), write.maxBytes());
        if (decision.drafts().isEmpty()) {
            driver.awaitReadBarrier(records.dependsOn, records.needsTime ? now : 0, refusal -> {
                write.hold().release();
                settle(write, decision.result(), epoch, refusal);
            });
        } else {
            admission.require(decision.drafts(), write.hold());
            propose(decision, write, epoch);
        }
    }

    /// Forgets what was fetched of keys that were written since. A key in flight needs nothing fetched.
    ///
    /// @return whether something is missing
    private boolean dropStale(PendingBatch write) {
        Store store = reader.store();
        boolean missing = false;
        for (Map.Entry<ByteBuffer, @Nullable Fetched> needed : write.fetched().entrySet()) {
            Fetched fetched = needed.getValue();
            boolean current = fetched != null && fetched.isCurrentIn(store);
            if (!current && inFlight.of(needed.getKey().array()) == null) {
                needed.setValue(null);
                missing = true;
            }
        }
        return missing;
    }

    /// The records that a batch is decided on, and what follows from those that were looked up.
    private final class Records implements BatchDecision.Records {

        private final PendingBatch write;
        private final long now;
        private final long logTime;

        /// The sequence that must be committed before the answer is given.
        private long dependsOn;

        /// Whether a record has expired by the clock, and not by the log.
        private boolean needsTime;

        Records(PendingBatch write, long now, long logTime) {
            this.write = write;
            this.now = now;
            this.logTime = logTime;
        }

        @Override
        public @Nullable StoredRecord of(byte[] key) {
            StoredRecord record = newest(key);
            if (record == null || !record.isExpiredAt(now)) {
                return record;
            }
            needsTime |= !record.isExpiredAt(logTime);
            return null;
        }

        private @Nullable StoredRecord newest(byte[] key) {
            InFlightKeys.State state = inFlight.of(key);
            if (state == null) {
                return Objects.requireNonNull(write.fetched().get(ByteBuffer.wrap(key)))
                        .record();
            }
            dependsOn = Math.max(dependsOn, state.sequence());
            return state.record();
        }
    }

    /// From here on the records hold the batch's bytes until they are committed or refused.
    private void propose(BatchDecision decision, PendingBatch write, int epoch) {
        List<RecordDraft> drafts = decision.drafts();
        long first = driver.nextSequence();
        long delayMillis = admission.delayMillis(drafts);
        inFlight.add(drafts, first, write.hold());
        driver.propose(drafts, Acks.ALL, refusal -> {
            if (refusal == null && delayMillis > 0) {
                settleLater(write, decision.result(), epoch, delayMillis);
                return;
            }
            if (refusal != null) {
                inFlight.removeRefused(first, drafts.size());
            }
            settle(write, decision.result(), epoch, refusal);
        });
    }

    /// The answer is as of now, and its bytes count until it is given.
    private void settleLater(PendingBatch write, WriteBatch.Result result, int epoch, long delayMillis) {
        Answer<WriteBatch.Result> answer = answer(result, epoch);
        ByteBudget.Hold hold = inFlightBudget.tryHold(write.batch().bytes());
        delayed.after(delayMillis, () -> {
            if (hold != null) {
                hold.release();
            }
            write.answer().complete(answer);
        });
    }

    private void settle(PendingBatch write, WriteBatch.Result result, int epoch, @Nullable Refusal refusal) {
        if (refusal == null) {
            write.answer().complete(answer(result, epoch));
        } else {
            write.answer().completeExceptionally(refusals.of(refusal));
        }
    }

    private Answer<WriteBatch.Result> answer(WriteBatch.Result result, int epoch) {
        return new Answer<>(result, new Position(partition, epoch, driver.highWatermark()));
    }

    private int requireServingEpoch() {
        Role role = driver.role();
        if (role instanceof Role.Leader leader) {
            return leader.epoch();
        }
        throw refusals.of(Objects.requireNonNull(role.refusal()));
    }
}
