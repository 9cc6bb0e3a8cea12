package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandDecision;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.Limits;
import io.caskade.server.command.WriteBatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// What the commands of a transaction see, one after the other: the records that were fetched, and what the
/// commands so far have made of them. Collects the writes, which one batch will execute. For one
/// thread.
///
/// A command that reads a record that was not fetched gets no further. What it lacks is [#missing()], and the
/// commands begin again on another view once it was fetched. What the leader decides alone, as `INCR`,
/// reads nothing here: its reply comes from the batch.
final class TransactionView {

    private final Map<ByteBuffer, @Nullable FoundRecord> fetched;
    private final Limits limits;
    private final long now;

    /// What the commands have made of their keys, as far as it is known.
    private final Map<ByteBuffer, @Nullable FoundRecord> written = new HashMap<>();

    /// Keys that were written, and it is not known what became of their records.
    private final Set<ByteBuffer> unforeseen = new HashSet<>();

    /// The keys whose records must be fetched, and whether with their values.
    private final Map<ByteBuffer, Boolean> missing = new LinkedHashMap<>();

    private final List<Command> commands = new ArrayList<>();
    private final List<CompletableFuture<Command.Result>> results = new ArrayList<>();

    /// @param fetched records that are there, by key, some without their values; null for a key that has none
    /// @param now the time by which times to live are told, Unix milliseconds; the leader's will be about the
    ///     same
    TransactionView(Map<ByteBuffer, @Nullable FoundRecord> fetched, Limits limits, long now) {
        this.fetched = fetched;
        this.limits = limits;
        this.now = now;
    }

    /// Reads a key's record. Completed if it is known, and never otherwise.
    CompletionStage<@Nullable FoundRecord> read(byte[] key) {
        return read(ByteBuffer.wrap(key), true);
    }

    /// Reads what there is to know of a key's record, whose value may be missing. Completed if it is known, and
    /// never otherwise.
    CompletionStage<@Nullable FoundRecord> readInfo(byte[] key) {
        return read(ByteBuffer.wrap(key), false);
    }

    private CompletionStage<@Nullable FoundRecord> read(ByteBuffer key, boolean withValue) {
        // Only from its value can be foreseen what a write will make of a record.
        boolean needsValue = withValue || unforeseen.contains(key);
        if (!isKnown(key, needsValue)) {
            missing.merge(key, needsValue, Boolean::logicalOr);
            return new CompletableFuture<>();
        }
        return CompletableFuture.completedFuture(known(key));
    }

    /// Adds a write. Completes by [#complete].
    CompletionStage<Command.Result> write(Command command) {
        try {
            limits.check(command);
        } catch (CommandRefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Command.Result> result = new CompletableFuture<>();
        commands.add(command);
        results.add(result);
        foresee(command);
        return result;
    }

    private boolean isKnown(ByteBuffer key, boolean withValue) {
        return written.containsKey(key) || (fetched.containsKey(key) && (!withValue || hasValue(fetched.get(key))));
    }

    private static boolean hasValue(@Nullable FoundRecord found) {
        return found == null || found.value().length == found.valueBytes();
    }

    private @Nullable FoundRecord known(ByteBuffer key) {
        return written.containsKey(key) ? written.get(key) : fetched.get(key);
    }

    /// What the leader will decide, if the key's record is still what was fetched.
    private void foresee(Command command) {
        ByteBuffer key = ByteBuffer.wrap(command.key());
        if (command.needsRecord() && !isKnown(key, true)) {
            unforeseen.add(key);
            return;
        }
        FoundRecord found = known(key);
        StoredRecord before =
                found == null ? null : new StoredRecord(found.value(), found.version(), found.expiresAt());
        StoredRecord after;
        try {
            after = CommandDecision.of(command, before, now, 0).recordAfter(before, 0);
        } catch (CommandRefusedException e) {
            // The value is not a number: the command will fail, and change nothing.
            return;
        }
        if (after == null) {
            written.put(key, null);
        } else {
            long ttl = after.expiresAt() == 0 ? -1 : after.expiresAt() - now;
            written.put(key, new FoundRecord(command.key(), after.value(), after.version(), after.expiresAt(), ttl));
        }
    }

    /// The keys whose records must be fetched, and whether with their values.
    Map<ByteBuffer, Boolean> missing() {
        return missing;
    }

    /// The writes, in order.
    List<Command> commands() {
        return commands;
    }

    /// Tells the commands what their writes did.
    ///
    /// @param outcomes of [#commands()]
    void complete(List<WriteBatch.Outcome> outcomes) {
        for (int i = 0; i < results.size(); i++) {
            switch (outcomes.get(i)) {
                case WriteBatch.Outcome.Done(Command.Result result) ->
                    results.get(i).complete(result);
                case WriteBatch.Outcome.Refused(Reason reason, String message) ->
                    results.get(i).completeExceptionally(new CommandRefusedException(reason, message));
            }
        }
    }

    /// What must still be true of a key for what was read to be right.
    static Condition unchanged(@Nullable FoundRecord found) {
        return found == null ? new Condition.Absent() : new Condition.Version(found.version());
    }
}
