package io.caskade.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.caskade.api.v1.AdminGrpc;
import io.caskade.api.v1.CompareAndSetResponse;
import io.caskade.api.v1.DeleteRequest;
import io.caskade.api.v1.DrainNodeRequest;
import io.caskade.api.v1.ExpireRequest;
import io.caskade.api.v1.GetRequest;
import io.caskade.api.v1.GetResponse;
import io.caskade.api.v1.IncrementRequest;
import io.caskade.api.v1.IncrementResponse;
import io.caskade.api.v1.MoveLeaderRequest;
import io.caskade.api.v1.MoveLeaderResponse;
import io.caskade.api.v1.PersistRequest;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.ScanRequest;
import io.caskade.api.v1.ScanResponse;
import io.caskade.api.v1.TtlRequest;
import io.caskade.api.v1.TtlResponse;
import io.caskade.api.v1.WriteResponse;
import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;

/// A client of one cluster that never blocks. Safe for use by any thread.
///
/// Every future fails with a [CaskadeException], within the request time-out; cancelling it gives the operation up, and
/// then the outcome of a write is unknown. Futures complete on threads that serve all operations: what follows them
/// must not block, or it holds up all of them and their time limits.
///
/// A refusal that says nothing was done is retried, after a pause that grows, until the time-out, and so is a read that
/// failed. A write that was sent and not answered is not: it fails with [OutcomeUnknownException], unless a second one
/// can overwrite nothing that came after the first (its condition is a version) or the caller chose
/// [#retryingUnknownOutcomes()].
public final class AsyncCaskadeClient implements AutoCloseable {

    private final Connections connections;
    private final Repeat unconditional;

    private AsyncCaskadeClient(Connections connections, Repeat unconditional) {
        this.connections = connections;
        this.unconditional = unconditional;
    }

    /// A client that connects when it is first used.
    public static AsyncCaskadeClient create(ClientConfig config) {
        return new AsyncCaskadeClient(new Connections(config), Repeat.WRITE_ONCE);
    }

    /// The same client, closed with this one, that repeats writes whose outcome is unknown. A repeated write may
    /// take effect twice, and may overwrite what another client wrote in between.
    public AsyncCaskadeClient retryingUnknownOutcomes() {
        return new AsyncCaskadeClient(connections, Repeat.WRITE_AGAIN);
    }

    /// Reads a record; empty when there is none.
    public CompletableFuture<Optional<Entry>> get(byte[] key) {
        GetRequest request = GetRequest.newBuilder().setKey(copy(key)).build();
        return read("get", Kind.GET, request, key, AsyncCaskadeClient::found);
    }

    private static Optional<Entry> found(GetResponse answer) {
        return answer.hasEntry() ? Optional.of(Messages.entry(answer.getEntry())) : Optional.empty();
    }

    /// Whether there is a record.
    public CompletableFuture<Boolean> exists(byte[] key) {
        TtlRequest request = TtlRequest.newBuilder().setKey(copy(key)).build();
        return read("exists", Kind.TTL, request, key, TtlResponse::getFound);
    }

    /// How long a record will live; empty when there is none.
    public CompletableFuture<Optional<TimeToLive>> timeToLive(byte[] key) {
        TtlRequest request = TtlRequest.newBuilder().setKey(copy(key)).build();
        return read("ttl", Kind.TTL, request, key, Messages::timeToLive);
    }

    /// Writes a value, for ever and whatever is there.
    public CompletableFuture<WriteResult> put(byte[] key, byte[] value) {
        return put(key, value, PutOptions.DEFAULT);
    }

    /// Writes a value.
    public CompletableFuture<WriteResult> put(byte[] key, byte[] value, PutOptions options) {
        PutRequest request = PutRequest.newBuilder()
                .setKey(copy(key))
                .setValue(copy(value))
                .setExpiry(Messages.expiry(options.expiry()))
                .setCondition(Messages.condition(options.condition()))
                .build();
        return write("put", Kind.PUT, request, key, options.condition());
    }

    /// Removes a record; not applied when there is none.
    public CompletableFuture<WriteResult> delete(byte[] key) {
        return delete(key, Condition.none());
    }

    /// Removes a record when the condition holds; not applied when there is none.
    public CompletableFuture<WriteResult> delete(byte[] key, Condition condition) {
        DeleteRequest request = DeleteRequest.newBuilder()
                .setKey(copy(key))
                .setCondition(Messages.condition(condition))
                .build();
        return write("delete", Kind.DELETE, request, key, condition);
    }

    /// Gives a record another expiry; not applied when there is none.
    public CompletableFuture<WriteResult> expire(byte[] key, Expiry expiry) {
        ExpireRequest request = ExpireRequest.newBuilder()
                .setKey(copy(key))
                .setExpiry(Messages.expiry(expiry))
                .build();
        return write("expire", Kind.EXPIRE, request, key, Condition.none());
    }

    /// Takes a record's expiry away; not applied when there is no record, or none that expires.
    public CompletableFuture<WriteResult> persist(byte[] key) {
        PersistRequest request = PersistRequest.newBuilder().setKey(copy(key)).build();
        return write("persist", Kind.PERSIST, request, key, Condition.none());
    }

    /// Adds to the decimal number that a record holds, 0 when there is none; the record's expiry stays.
    public CompletableFuture<Counter> increment(byte[] key, long delta) {
        IncrementRequest request =
                IncrementRequest.newBuilder().setKey(copy(key)).setDelta(delta).build();
        return start(new Operation.Task<>(
                "increment",
                Kind.INCREMENT,
                request,
                () -> connections.directory().routeOf(key),
                unconditional,
                _ -> true,
                (IncrementResponse answer) -> new Counter(answer.getValue(), answer.getVersion())));
    }

    /// Writes a value, for ever, when the record is what the caller expects.
    public CompletableFuture<CompareAndSetResult> compareAndSet(byte[] key, Expectation expected, byte[] value) {
        return compareAndSet(key, expected, value, Expiry.never());
    }

    /// Writes a value when the record is what the caller expects.
    public CompletableFuture<CompareAndSetResult> compareAndSet(
            byte[] key, Expectation expected, byte[] value, Expiry expiry) {
        return start(new Operation.Task<>(
                "compare-and-set",
                Kind.COMPARE_AND_SET,
                Messages.compareAndSet(key, expected, value, expiry),
                () -> connections.directory().routeOf(key),
                expected instanceof Expectation.Version ? Repeat.WRITE_AGAIN : unconditional,
                CompareAndSetResponse::getApplied,
                Messages::compareAndSetResult));
    }

    /// Lists records from a cursor on, a page at a time, through all partitions.
    public CompletableFuture<ScanPage> scan(ScanCursor cursor, ScanOptions options) {
        ScanRequest request = ScanRequest.newBuilder()
                .setPartition(cursor.partition())
                .setCursor(cursor.position())
                .setLimit(options.pageSize())
                .setPrefix(options.prefix().toByteString())
                .setKeysOnly(options.keysOnly())
                .build();
        CompletableFuture<ScanResponse> answer = start(new Operation.Task<>(
                "scan",
                Kind.SCAN,
                request,
                () -> connections.directory().routeTo(cursor.partition()),
                Repeat.READ,
                _ -> true,
                Function.identity()));
        return answer.thenCombine(
                connections.directory().partitionCount(),
                (page, partitions) -> Messages.scanPage(page, cursor.partition(), partitions));
    }

    /// What ZooKeeper says of the cluster.
    public CompletableFuture<ClusterView> cluster() {
        return connections
                .directory()
                .view()
                .copy()
                .orTimeout(connections.config().requestTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(unreachable(failure)));
    }

    /// What ZooKeeper says of the cluster, and what each node says of itself; a node that does not answer within
    /// half of the request time-out is named, and the others' answers are there.
    public CompletableFuture<ClusterStatus> status() {
        NodeReports reports = new NodeReports(
                connections.channels(), connections.config().requestTimeout().dividedBy(2));
        return cluster().thenCompose(reports::of);
    }

    /// Has a node lead a partition from now on, whenever it can. Completes when that is written down, with whether
    /// anything had to be; the view shows when it has happened.
    public CompletableFuture<Boolean> moveLeader(int partition, String node) {
        MoveLeaderRequest request = MoveLeaderRequest.newBuilder()
                .setPartition(partition)
                .setNode(node)
                .build();
        return administrate(AdminGrpc.getMoveLeaderMethod(), request).thenApply(MoveLeaderResponse::getChanged);
    }

    /// Has a node lead nothing and keep no copies, and says how far it has come; to be asked again until it is over.
    public CompletableFuture<DrainProgress> drain(String node) {
        return drain(node, false);
    }

    /// Lets a node lead and keep copies again.
    public CompletableFuture<DrainProgress> undrain(String node) {
        return drain(node, true);
    }

    private CompletableFuture<DrainProgress> drain(String node, boolean undo) {
        DrainNodeRequest request =
                DrainNodeRequest.newBuilder().setNode(node).setUndo(undo).build();
        return administrate(AdminGrpc.getDrainNodeMethod(), request)
                .thenApply(far -> new DrainProgress(far.getLeadsList(), far.getKeepsList(), far.getStuckList()));
    }

    private <Q, A> CompletableFuture<A> administrate(MethodDescriptor<Q, A> method, Q request) {
        AdminCall<Q, A> call = new AdminCall<>(
                connections.channels(), method, request, connections.config().attemptTimeout());
        return cluster().thenCompose(call::ask);
    }

    private CaskadeException unreachable(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return switch (cause) {
            case CaskadeException known -> known;
            case TimeoutException _ -> connections.zookeeper().silence();
            case NoRouteException none -> new UnreachableException(none.reason(), none);
            default -> new UnreachableException("the cluster's state could not be read: " + cause.getMessage(), cause);
        };
    }

    private <Q extends MessageLite, A, R> CompletableFuture<R> read(
            String name, Kind<Q, A> kind, Q request, byte[] key, Function<A, R> result) {
        return start(new Operation.Task<>(
                name, kind, request, () -> connections.directory().routeOf(key), Repeat.READ, _ -> true, result));
    }

    private <Q extends MessageLite> CompletableFuture<WriteResult> write(
            String name, Kind<Q, WriteResponse> kind, Q request, byte[] key, Condition condition) {
        Repeat repeat = condition instanceof Condition.Version ? Repeat.WRITE_AGAIN : unconditional;
        Predicate<WriteResponse> definite = WriteResponse::getApplied;
        return start(new Operation.Task<>(
                name,
                kind,
                request,
                () -> connections.directory().routeOf(key),
                repeat,
                definite,
                Messages::writeResult));
    }

    private <Q extends MessageLite, A, R> CompletableFuture<R> start(Operation.Task<Q, A, R> task) {
        return Operation.start(connections, task);
    }

    private static ByteString copy(byte[] bytes) {
        return ByteString.copyFrom(bytes);
    }

    /// Ends every connection. Operations under way fail.
    @Override
    public void close() {
        connections.close();
    }
}
