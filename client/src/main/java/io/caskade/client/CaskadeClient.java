package io.caskade.client;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/// A blocking client of one cluster. Thread-safe.
///
/// Every operation returns, or throws a [CaskadeException], within the request timeout; [AsyncCaskadeClient]
/// says what is retried. If the waiting thread is interrupted, a read throws [UnreachableException] and a
/// write [OutcomeUnknownException]; the thread stays interrupted.
public final class CaskadeClient implements AutoCloseable {

    private final AsyncCaskadeClient async;

    private CaskadeClient(AsyncCaskadeClient async) {
        this.async = async;
    }

    /// Creates a client. It starts connecting at once and does not wait for it.
    public static CaskadeClient create(ClientConfig config) {
        return new CaskadeClient(AsyncCaskadeClient.create(config));
    }

    /// This client's non-blocking view. Closing either closes both.
    public AsyncCaskadeClient async() {
        return async;
    }

    /// A view of this client that retries writes of single keys whose outcome is unknown. A retried write may
    /// take effect twice, and may overwrite what another client wrote in between. Closing either closes both.
    public CaskadeClient retryingUnknownOutcomes() {
        return new CaskadeClient(async.retryingUnknownOutcomes());
    }

    /// A view of this client whose reads of a key are causal by the session's context, unless they name another
    /// mode, and whose answers of any kind are added to that. Closing either closes both.
    public CaskadeClient inSession(CausalSession session) {
        return new CaskadeClient(async.inSession(session));
    }

    /// Reads a record; empty when there is none.
    public Optional<Entry> get(byte[] key) {
        return afterReading(async.get(key));
    }

    /// Reads a record, as current as the mode says; empty when there is none.
    public ReadResult<Optional<Entry>> get(byte[] key, ReadMode mode) {
        return afterReading(async.get(key, mode));
    }

    /// Reads records, each by itself and all at once, as current as the mode says; the results are in the order
    /// of the keys. Not a snapshot: a write may be seen in one record and not yet in another.
    public ReadResult<List<Optional<Entry>>> getAll(List<byte[]> keys, ReadMode mode) {
        return afterReading(async.getAll(keys, mode));
    }

    /// Tells whether a record exists.
    public boolean exists(byte[] key) {
        return afterReading(async.exists(key));
    }

    /// Tells whether a record exists, as current as the mode says.
    public ReadResult<Boolean> exists(byte[] key, ReadMode mode) {
        return afterReading(async.exists(key, mode));
    }

    /// Reads how long a record has to live; empty when there is no record.
    public Optional<TimeToLive> timeToLive(byte[] key) {
        return afterReading(async.timeToLive(key));
    }

    /// Reads how long a record has to live, as current as the mode says; empty when there is no record.
    public ReadResult<Optional<TimeToLive>> timeToLive(byte[] key, ReadMode mode) {
        return afterReading(async.timeToLive(key, mode));
    }

    /// Writes a value that never expires, unconditionally.
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

    /// Removes a record if the condition holds; not applied when there is none.
    public WriteResult delete(byte[] key, Condition condition) {
        return afterWriting(async.delete(key, condition));
    }

    /// Sets a record's expiry; not applied when there is no record.
    public WriteResult expire(byte[] key, Expiry expiry) {
        return afterWriting(async.expire(key, expiry));
    }

    /// Removes a record's expiry; not applied when there is no record, or when it never expires.
    public WriteResult persist(byte[] key) {
        return afterWriting(async.persist(key));
    }

    /// Adds to the decimal number in a record; a missing record counts as 0. Keeps the record's expiry.
    public Counter increment(byte[] key, long delta) {
        return afterWriting(async.increment(key, delta));
    }

    /// Writes a value that never expires if the record is what the caller expects.
    public CompareAndSetResult compareAndSet(byte[] key, Expectation expected, byte[] value) {
        return afterWriting(async.compareAndSet(key, expected, value));
    }

    /// Writes a value if the record is what the caller expects.
    public CompareAndSetResult compareAndSet(byte[] key, Expectation expected, byte[] value, Expiry expiry) {
        return afterWriting(async.compareAndSet(key, expected, value, expiry));
    }

    /// Writes keys of one partition together, if all checks of the batch hold. A batch whose outcome is unknown
    /// is never repeated, whatever the client may repeat otherwise.
    public WriteBatchResult write(WriteBatch batch) {
        return afterWriting(async.write(batch));
    }

    /// Reads one page of a scan of all partitions.
    public ScanPage scan(ScanCursor cursor, ScanOptions options) {
        return afterReading(async.scan(cursor, options));
    }

    /// Scans all partitions, reading pages on demand; the stream's methods throw [CaskadeException]. A record
    /// that exists throughout the scan is listed once.
    public Stream<Entry> scan(ScanOptions options) {
        return Stream.iterate(
                        Optional.of(scan(ScanCursor.START, options)),
                        Optional::isPresent,
                        page -> page.flatMap(ScanPage::next).map(next -> scan(next, options)))
                .flatMap(Optional::stream)
                .flatMap(page -> page.entries().stream());
    }

    /// The cluster as ZooKeeper has it.
    public ClusterView cluster() {
        return afterReading(async.cluster());
    }

    /// The cluster as ZooKeeper has it, and what each node reports about itself.
    public ClusterStatus status() {
        return afterReading(async.status());
    }

    /// Makes a node the preferred leader of a partition. Returns true if anything changed, once the request is
    /// stored; [#cluster()] shows when the node leads.
    public boolean moveLeader(int partition, String node) {
        return afterReading(async.moveLeader(partition, node));
    }

    /// Drains a node of all leaders and copies. Returns the progress; poll until it is complete.
    public DrainProgress drain(String node) {
        return afterReading(async.drain(node));
    }

    /// Lets a drained node lead and keep copies again.
    public DrainProgress undrain(String node) {
        return afterReading(async.undrain(node));
    }

    /// What must move for a goal. Changes nothing.
    public MovePlan planMoves(MoveGoal goal) {
        return afterReading(async.planMoves(goal));
    }

    /// Stores what must move for a goal, and returns the plan. The cluster then moves copies and leaders, a
    /// few at a time; [#status()] shows how far it is. Idempotent: asked again, it has nothing to add.
    public MovePlan moveReplicas(MoveGoal goal) {
        return afterReading(async.moveReplicas(goal));
    }

    /// The settings that all nodes share.
    public List<ClusterSetting> settings() {
        return afterReading(async.settings());
    }

    /// Changes a setting that all nodes share, and returns all of them.
    ///
    /// @param name  as in a node's file, `cluster.move-rate`
    /// @param value as in a node's file, `32MiB`
    public List<ClusterSetting> changeSetting(String name, String value) {
        return afterReading(async.changeSetting(name, value));
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
                ? known.withCallerStackTrace()
                : new IllegalStateException("the client failed", failure.getCause());
    }

    /// Closes every connection. Operations in flight fail.
    @Override
    public void close() {
        async.close();
    }
}
