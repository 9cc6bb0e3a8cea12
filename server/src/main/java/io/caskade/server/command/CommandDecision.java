package io.caskade.server.command;

import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.Command.Result;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.replica.RecordDraft;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Decides a command, given the key's record: a pure function.
///
/// @param draft the record to write; null for none
/// @param result the answer once the draft, or what the decision depends on, is committed
public record CommandDecision(@Nullable RecordDraft draft, Result result) {

    private static final Result NOT_APPLIED_ABSENT = new Result(false, false, 0, 0, null);
    private static final Result NOT_APPLIED_FOUND = new Result(false, true, 0, 0, null);

    /// Decides a command.
    ///
    /// @param record the key's record, committed or in flight; null when there is none or it has expired
    /// @param now the leader's time, Unix milliseconds
    /// @param version the sequence that the next record will get
    /// @throws CommandRefusedException when a value is not a number, or would overflow
    public static CommandDecision of(Command command, @Nullable StoredRecord record, long now, long version) {
        return switch (command) {
            case Command.Put put ->
                holds(put.condition(), record)
                        ? write(put.key(), put.value(), put.expiry(), record, now, version)
                        : notApplied(record);
            case Command.Delete delete ->
                record != null && holds(delete.condition(), record)
                        ? new CommandDecision(new RecordDraft.Tombstone(delete.key()), applied(record, version))
                        : notApplied(record);
            case Command.Expire expire ->
                record != null
                        ? write(expire.key(), record.value(), expire.expiry(), record, now, version)
                        : notApplied(null);
            case Command.Persist persist ->
                record != null && record.expiresAt() != 0
                        ? write(persist.key(), record.value(), new Expiry.Never(), record, now, version)
                        : notApplied(record);
            case Command.Increment increment -> increment(increment, record, version);
            case Command.CompareAndSet swap ->
                isExpected(swap.expected(), record)
                        ? write(swap.key(), swap.value(), swap.expiry(), record, now, version)
                        : new CommandDecision(null, new Result(false, record != null, 0, 0, record));
        };
    }

    /// The key's record once the decision is carried out; null when there is none.
    ///
    /// @param before the record that it was decided on
    /// @param version the sequence of the record that is written
    public @Nullable StoredRecord recordAfter(@Nullable StoredRecord before, long version) {
        return switch (draft) {
            case null -> before;
            case RecordDraft.Put put -> new StoredRecord(put.value(), version, put.expiresAt());
            case RecordDraft.Tombstone _ -> null;
        };
    }

    /// Whether a condition is true of a key's record, or of a key without one.
    static boolean holds(Condition condition, @Nullable StoredRecord record) {
        return switch (condition) {
            case Condition.None _ -> true;
            case Condition.Absent _ -> record == null;
            case Condition.Present _ -> record != null;
            case Condition.Version expected -> record != null && record.version() == expected.version();
        };
    }

    private static boolean isExpected(Expectation expected, @Nullable StoredRecord record) {
        return switch (expected) {
            case Expectation.Absent _ -> record == null;
            case Expectation.Version version -> record != null && record.version() == version.version();
            case Expectation.Value value -> record != null && Arrays.equals(record.value(), value.value());
        };
    }

    private static CommandDecision write(
            byte[] key, byte[] value, Expiry expiry, @Nullable StoredRecord record, long now, long version) {
        long expiresAt = expiresAt(expiry, record, now);
        boolean past = expiresAt != 0 && expiresAt <= now;
        RecordDraft draft = past ? new RecordDraft.Tombstone(key) : new RecordDraft.Put(key, value, expiresAt);
        return new CommandDecision(draft, applied(record, version));
    }

    private static long expiresAt(Expiry expiry, @Nullable StoredRecord record, long now) {
        return switch (expiry) {
            case Expiry.Never _ -> 0;
            case Expiry.After after -> now + Math.min(after.millis(), Long.MAX_VALUE - now);
            case Expiry.At at -> at.time();
            case Expiry.Keep _ -> record == null ? 0 : record.expiresAt();
        };
    }

    private static CommandDecision increment(Command.Increment increment, @Nullable StoredRecord record, long version) {
        long before = record == null ? 0 : number(record.value());
        long after;
        try {
            after = Math.addExact(before, increment.delta());
        } catch (ArithmeticException e) {
            throw new CommandRefusedException(
                    Reason.OVERFLOW, "increment or decrement would overflow: " + before + " and " + increment.delta());
        }
        byte[] value = Long.toString(after).getBytes(StandardCharsets.US_ASCII);
        long expiresAt = record == null ? 0 : record.expiresAt();
        return new CommandDecision(
                new RecordDraft.Put(increment.key(), value, expiresAt),
                new Result(true, record != null, version, after, null));
    }

    /// Accepts only the form that counters write: no plus sign, no leading zeros, no spaces.
    private static long number(byte[] value) {
        String text = new String(value, StandardCharsets.US_ASCII);
        try {
            long number = Long.parseLong(text);
            if (Long.toString(number).equals(text)) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw notANumber();
        }
        throw notANumber();
    }

    private static CommandRefusedException notANumber() {
        return new CommandRefusedException(Reason.WRONG_VALUE, "value is not an integer or out of range");
    }

    private static Result applied(@Nullable StoredRecord record, long version) {
        return new Result(true, record != null, version, 0, null);
    }

    private static CommandDecision notApplied(@Nullable StoredRecord record) {
        return new CommandDecision(null, record == null ? NOT_APPLIED_ABSENT : NOT_APPLIED_FOUND);
    }
}
