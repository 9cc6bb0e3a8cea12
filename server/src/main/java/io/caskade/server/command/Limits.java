package io.caskade.server.command;

import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.replica.RecordDraft;

/// The limits of keys, values and pages.
///
/// @param maxValueBytes the longest value, the setting `storage.max-value-size`
public record Limits(int maxValueBytes) {

    private static final int MAX_KEY_BYTES = 65_535;
    private static final int RECORD_OVERHEAD_BYTES = 64;
    private static final int DEFAULT_PAGE = 100;
    private static final int MAX_PAGE = 10_000;

    /// The most checks and commands of a batch.
    public static final int MAX_BATCH = 10_000;

    /// Where values are small, a batch may still have many of them.
    private static final long MIN_BATCH_BYTES = 1 << 20;

    /// Rejects a command whose key, value or time is outside the limits.
    ///
    /// @throws CommandRefusedException naming the limit and its setting
    public void check(Command command) {
        checkKey(command.key());
        switch (command) {
            case Command.Put put -> {
                checkValue(put.value());
                checkExpiry(put.expiry());
            }
            case Command.Expire expire -> checkExpiry(expire.expiry());
            case Command.CompareAndSet swap -> {
                checkValue(swap.value());
                checkExpiry(swap.expiry());
            }
            case Command.Delete _, Command.Persist _, Command.Increment _ -> {}
        }
    }

    /// Rejects a batch that is empty, has too many commands, or has one that is outside the limits. How many
    /// bytes its records take is known only when it is decided.
    ///
    /// @throws CommandRefusedException naming the limit
    public void check(WriteBatch batch) {
        int size = batch.checks().size() + batch.commands().size();
        if (size == 0 || size > MAX_BATCH) {
            throw invalid("a batch of " + size + " checks and commands; it has 1 to " + MAX_BATCH);
        }
        batch.checks().forEach(check -> checkKey(check.key()));
        batch.commands().forEach(this::check);
    }

    /// Rejects a batch, as above, or one whose puts take more bytes than the records of a batch may.
    ///
    /// @throws CommandRefusedException naming the limit
    public void checkRecords(WriteBatch batch) {
        check(batch);
        long bytes = 0;
        for (Command command : batch.commands()) {
            if (command instanceof Command.Put put) {
                bytes += new RecordDraft.Put(put.key(), put.value(), 0).bytes();
            }
        }
        if (bytes > maxBatchBytes()) {
            throw BatchDecision.tooLarge(maxBatchBytes());
        }
    }

    /// How many bytes the records of a batch may take in the log: one that replicas can send in one message.
    public long maxBatchBytes() {
        return Math.max(MIN_BATCH_BYTES, maxRecordBytes());
    }

    /// Rejects a key that is too short or too long.
    public void checkKey(byte[] key) {
        if (key.length == 0 || key.length > MAX_KEY_BYTES) {
            throw invalid("a key of " + key.length + " bytes; keys have 1 to " + MAX_KEY_BYTES + " bytes");
        }
    }

    /// How many bytes a record takes in memory at most.
    public long maxRecordBytes() {
        return (long) RECORD_OVERHEAD_BYTES + MAX_KEY_BYTES + maxValueBytes;
    }

    /// The maximum records of a page with `limit`; 0 stands for 100.
    public int page(int limit) {
        if (limit < 0 || limit > MAX_PAGE) {
            throw invalid(
                    "a limit of " + Integer.toUnsignedString(limit) + "; a page has 1 to " + MAX_PAGE + " records");
        }
        return limit == 0 ? DEFAULT_PAGE : limit;
    }

    private void checkValue(byte[] value) {
        if (value.length > maxValueBytes) {
            throw invalid(
                    "a value of " + value.length + " bytes; storage.max-value-size is " + maxValueBytes + " bytes");
        }
    }

    private static void checkExpiry(Command.Expiry expiry) {
        switch (expiry) {
            case Command.Expiry.After after -> {
                if (after.millis() < 1) {
                    throw invalid("a time to live of " + after.millis() + " ms; it is at least 1 ms");
                }
            }
            case Command.Expiry.At at -> {
                if (at.time() < 1) {
                    throw invalid("an expiry at " + at.time() + "; times are Unix milliseconds from 1 on");
                }
            }
            case Command.Expiry.Never _, Command.Expiry.Keep _ -> {}
        }
    }

    private static CommandRefusedException invalid(String message) {
        return new CommandRefusedException(Reason.INVALID_ARGUMENT, message);
    }
}
