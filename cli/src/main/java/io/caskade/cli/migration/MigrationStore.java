package io.caskade.cli.migration;

import io.caskade.cli.command.GlobPattern;
import io.caskade.client.Bytes;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// An end of a migration: lists, reads and writes strings. Its methods throw
/// [io.caskade.client.CaskadeException] or [io.caskade.cli.redis.RedisException] when it fails, which ends the
/// migration. For one thread.
interface MigrationStore {

    /// Takes what a scan finds.
    interface BatchConsumer {
        void accept(KeyBatch batch) throws IOException, InterruptedException;
    }

    /// Which store it is, in one line.
    String name();

    /// What must be the same for a cursor to be good.
    String cursorsOf();

    /// Where a scan begins.
    String start();

    /// Lists the keys at a cursor that match, and hands over what they are, in batches.
    ///
    /// @return the cursor of those that follow; empty when these were the last
    Optional<String> scan(String cursor, GlobPattern match, BatchSize size, BatchConsumer consumer)
            throws IOException, InterruptedException;

    /// How much of the store is listed, from 0 to 1, about.
    ///
    /// @param cursor where the scan goes on
    /// @param listed how many keys it has found
    double fractionListed(String cursor, long listed, GlobPattern match);

    /// Writes records, whatever is there.
    ///
    /// @return those that are not written because the store cannot have them
    List<SkippedKey> write(List<StringRecord> records) throws InterruptedException;

    /// Reads records, in the order of the keys; empty where there is no string.
    List<Optional<StringRecord>> read(List<Bytes> keys);

    /// By how many milliseconds the expiries that it reads may be wrong.
    long expiryTolerance();
}
