package io.caskade.client;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/// A client of one cluster whose operations wait for their answers. Safe for use by any thread.
///
/// Every operation ends within the request time-out, with its answer or with a [CaskadeException]; what is retried is
/// what [AsyncCaskadeClient] says. A thread that is interrupted while it waits stays interrupted: its read fails with
/// [UnreachableException], its write with [OutcomeUnknownException].
public final class CaskadeClient implements AutoCloseable {

    private final AsyncCaskadeClient async;

    private CaskadeClient(AsyncCaskadeClient async) {
        this.async = async;
    }

    /// A client that connects when it is first used.
    public static CaskadeClient create(ClientConfig config) {
        return new CaskadeClient(AsyncCaskadeClient.create(config));
    }

    /// The same client without waiting, closed with this one.
    public AsyncCaskadeClient async() {
        return async;
    }

    /// The same client, closed with this one, that repeats writes whose outcome is unknown. A repeated write may
    /// take effect twice, and may overwrite what another client wrote in between.
    public CaskadeClient retryingUnknownOutcomes() {
        return new CaskadeClient(async.retryingUnknownOutcomes());
    }

    /// Reads a record; empty when there is none.
    public Optional<Entry> get(byte[] key) {
        return afterReading(async.get(key));
    }

    /// Whether there is a record.
    public boolean exists(byte[] key) {
        return afterReading(async.exists(key));
    }

    /// How long a record will live; empty when there is none.
    public Optional<TimeToLive> timeToLive(byte[] key) {
        return afterReading(async.timeToLive(key));
    }

    /// Writes a value, for ever and whatever is there.
    public WriteResult put(byte[] key, byte[] value) {
        return afterWriting(async.put(key, value));
    }

    /// Writes a value.
    public WriteResult put(byte[] key, byte[] value, PutOptions options) {
        return afterWriting(async.put(key, value, options));
    }

    /// Removes a record; not applied when there is none.
    public WriteResult delete(byte[] key) {
        return afterWriting(async.delete(key));
    }

    /// Removes a record when the condition holds; not applied when there is none.
    public WriteResult delete(byte[] key, Condition condition) {
        return afterWriting(async.delete(key, condition));
    }

    /// Gives a record another expiry; not applied when there is none.
    public WriteResult expire(byte[] key, Expiry expiry) {
        return afterWriting(async.expire(key, expiry));
    }

    /// Takes a record's expiry away; not applied when there is no record, or none that expires.
    public WriteResult persist(byte[] key) {
        return afterWriting(async.persist(key));
    }

    /// Adds to the decimal number that a record holds, 0 when there is none; the record's expiry stays.
    public Counter increment(byte[] key, long delta) {
        return afterWriting(async.increment(key, delta));
    }

    /// Writes a value, for ever, when the record is what the caller expects.
    public CompareAndSetResult compareAndSet(byte[] key, Expectation expected, byte[] value) {
        return afterWriting(async.compareAndSet(key, expected, value));
    }

    /// Writes a value when the record is what the caller expects.
    public CompareAndSetResult compareAndSet(byte[] key, Expectation expected, byte[] value, Expiry expiry) {
        return afterWriting(async.compareAndSet(key, expected, value, expiry));
    }

    /// A page of a listing of all partitions.
    public ScanPage scan(ScanCursor cursor, ScanOptions options) {
        return afterReading(async.scan(cursor, options));
    }

    /// Lists all partitions, asking for a page when the one before is used up; the stream's own methods throw
    /// [CaskadeException]. A record that is there from the first page to the last is listed once.
    public Stream<Entry> scan(ScanOptions options) {
        return Stream.iterate(
                        Optional.of(scan(ScanCursor.START, options)),
                        Optional::isPresent,
                        page -> page.flatMap(ScanPage::next).map(next -> scan(next, options)))
                .flatMap(Optional::stream)
                .flatMap(page -> page.entries().stream());
    }

    /// What ZooKeeper says of the cluster.
    public ClusterView cluster() {
        return afterReading(async.cluster());
    }

    /// What ZooKeeper says of the cluster, and what each node says of itself.
    public ClusterStatus status() {
        return afterReading(async.status());
    }

    /// Has a node lead a partition from now on, whenever it can. Returns when that is written down, with whether
    /// anything had to be; the view shows when it has happened.
    public boolean moveLeader(int partition, String node) {
        return afterReading(async.moveLeader(partition, node));
    }

    /// Has a node lead nothing and keep no copies, and says how far it has come; to be asked again until it is over.
    public DrainProgress drain(String node) {
        return afterReading(async.drain(node));
    }

    /// Lets a node lead and keep copies again.
    public DrainProgress undrain(String node) {
        return afterReading(async.undrain(node));
    }

    private static <T> T afterReading(CompletableFuture<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            giveUp(answer);
            throw new UnreachableException("interrupted while waiting for the answer", e);
        }
    }

    private static <T> T afterWriting(CompletableFuture<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            giveUp(answer);
            throw new OutcomeUnknownException(
                    "the outcome of this write is unknown: interrupted while waiting for the answer; read the key to see whether"
                            + " it took effect",
                    e);
        }
    }

    private static void giveUp(CompletableFuture<?> answer) {
        answer.cancel(true);
        Thread.currentThread().interrupt();
    }

    private static RuntimeException failure(ExecutionException failure) {
        return failure.getCause() instanceof CaskadeException known
                ? known.fromHere()
                : new IllegalStateException("the client failed", failure.getCause());
    }

    /// Ends every connection. Operations under way fail.
    @Override
    public void close() {
        async.close();
    }
}
