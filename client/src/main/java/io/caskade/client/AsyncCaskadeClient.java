package io.caskade.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.caskade.api.CausalContext;
import io.caskade.api.v1.AdminGrpc;
import io.caskade.api.v1.CompareAndSetResponse;
import io.caskade.api.v1.DeleteRequest;
import io.caskade.api.v1.DrainNodeRequest;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.ExpireRequest;
import io.caskade.api.v1.GetRequest;
import io.caskade.api.v1.GetResponse;
import io.caskade.api.v1.IncrementRequest;
import io.caskade.api.v1.IncrementResponse;
import io.caskade.api.v1.MoveLeaderRequest;
import io.caskade.api.v1.MoveLeaderResponse;
import io.caskade.api.v1.PersistRequest;
import io.caskade.api.v1.Position;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.ScanRequest;
import io.caskade.api.v1.ScanResponse;
import io.caskade.api.v1.ShareSettingsRequest;
import io.caskade.api.v1.TtlRequest;
import io.caskade.api.v1.TtlResponse;
import io.caskade.api.v1.WriteBatchResponse;
import io.caskade.api.v1.WriteResponse;
import io.caskade.client.call.Attempts;
import io.caskade.client.call.CallFailure;
import io.caskade.client.call.CallSpec;
import io.caskade.client.call.CallType;
import io.caskade.client.call.ClusterConnection;
import io.caskade.client.call.ReplicaAttempts;
import io.caskade.client.call.RetryPolicy;
import io.caskade.client.call.TimeLimits;
import io.caskade.client.routing.ZooKeeperTarget;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A non-blocking client of one cluster. Thread-safe.
///
/// Futures fail with a [CaskadeException], within the request timeout. Canceling a future abandons the
/// operation; the outcome of a write is unknown then. Futures complete on threads that all operations share,
/// so dependent stages must not block: they would delay every other operation and its timeout.
///
/// Reads are linearizable unless they name another [ReadMode], or the client is [#inSession(CausalSession)].
///
/// Reads, and writes that were refused without effect, are retried with backoff until the timeout. A write
/// that was sent but not answered fails with [OutcomeUnknownException] instead, unless repeating it cannot
/// overwrite a later write (its condition is a version) or the caller chose [#retryingUnknownOutcomes()].
public final class AsyncCaskadeClient implements AutoCloseable {

    private final ClusterConnection connection;
    private final RetryPolicy unconditional;
    private final @Nullable CausalSession session;

    private AsyncCaskadeClient(
            ClusterConnection connection, RetryPolicy unconditional, @Nullable CausalSession session) {
        this.connection = connection;
        this.unconditional = unconditional;
        this.session = session;
    }

    /// Creates a client. It starts connecting at once and does not wait for it.
    public static AsyncCaskadeClient create(ClientConfig config) {
        ClientConfig.ZooKeeper zookeeper = config.zookeeper();
        ClusterConnection connection = new ClusterConnection(
                new ZooKeeperTarget(
                        zookeeper.connect(), zookeeper.root(), zookeeper.sessionTimeout(), config.connectTimeout()),
                new TimeLimits(config.requestTimeout(), config.attemptTimeout()),
                AsyncCaskadeClient::exception);
        return new AsyncCaskadeClient(connection, RetryPolicy.SINGLE_WRITE, null);
    }

    private static CaskadeException exception(CallFailure failure) {
        return switch (failure) {
            case CallFailure.OutcomeUnknown(String message, var cause) -> new OutcomeUnknownException(message, cause);
            case CallFailure.Refused(ErrorCode code, String message, var cause) ->
                new RefusedException(code, message, cause);
            case CallFailure.Unreachable(String message, var cause) -> new UnreachableException(message, cause);
        };
    }

    /// A view of this client that retries writes of single keys whose outcome is unknown. A retried write may
    /// take effect twice, and may overwrite what another client wrote in between. Closing either closes both.
    public AsyncCaskadeClient retryingUnknownOutcomes() {
        return new AsyncCaskadeClient(connection, RetryPolicy.REPEATABLE_WRITE, session);
    }

    /// A view of this client whose reads of a key are causal by the session's context, unless they name another
    /// mode, and whose answers of any kind are added to that. Closing either closes both.
    public AsyncCaskadeClient inSession(CausalSession causalSession) {
        return new AsyncCaskadeClient(connection, unconditional, causalSession);
    }

    /// Reads a record; empty when there is none.
    public CompletableFuture<Optional<Entry>> get(byte[] key) {
        return get(key, defaultMode(), AsyncCaskadeClient::found);
    }

    /// Reads a record, as current as the mode says; empty when there is none.
    public CompletableFuture<ReadResult<Optional<Entry>>> get(byte[] key, ReadMode mode) {
        return get(key, mode, response -> new ReadResult<>(found(response), CausalContext.of(response.getPosition())));
    }

    /// Reads records, each by itself and all at once, as current as the mode says; the results are in the order
    /// of the keys. Not a snapshot: a write may be seen in one record and not yet in another.
    public CompletableFuture<ReadResult<List<Optional<Entry>>>> getAll(List<byte[]> keys, ReadMode mode) {
        List<CompletableFuture<ReadResult<Optional<Entry>>>> reads =
                keys.stream().map(key -> get(key, mode)).toList();
        return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new))
                .thenApply(_ -> new ReadResult<>(
                        reads.stream().map(read -> read.join().value()).toList(),
                        reads.stream()
                                .map(read -> read.join().context())
                                .reduce(CausalContext.EMPTY, CausalContext::merge)));
    }

    private <R> CompletableFuture<R> get(byte[] key, ReadMode mode, Function<GetResponse, R> result) {
        GetRequest request = GetRequest.newBuilder().setKey(copy(key)).build();
        return call(
                "get",
                CallType.GET,
                attempts(
                        key,
                        mode,
                        request,
                        each -> request.toBuilder().setMode(each).build()),
                RetryPolicy.READ,
                _ -> true,
                GetResponse::getPosition,
                result);
    }

    private static Optional<Entry> found(GetResponse response) {
        return response.hasEntry() ? Optional.of(ProtoMapper.entry(response.getEntry())) : Optional.empty();
    }

    /// Tells whether a record exists.
    public CompletableFuture<Boolean> exists(byte[] key) {
        return timeToLive("exists", key, defaultMode(), TtlResponse::getFound);
    }

    /// Tells whether a record exists, as current as the mode says.
    public CompletableFuture<ReadResult<Boolean>> exists(byte[] key, ReadMode mode) {
        return timeToLive(
                "exists",
                key,
                mode,
                response -> new ReadResult<>(response.getFound(), CausalContext.of(response.getPosition())));
    }

    /// Reads how long a record has to live; empty when there is no record.
    public CompletableFuture<Optional<TimeToLive>> timeToLive(byte[] key) {
        return timeToLive("ttl", key, defaultMode(), ProtoMapper::timeToLive);
    }

    /// Reads how long a record has to live, as current as the mode says; empty when there is no record.
    public CompletableFuture<ReadResult<Optional<TimeToLive>>> timeToLive(byte[] key, ReadMode mode) {
        return timeToLive(
                "ttl",
                key,
                mode,
                response ->
                        new ReadResult<>(ProtoMapper.timeToLive(response), CausalContext.of(response.getPosition())));
    }

    private <R> CompletableFuture<R> timeToLive(
            String name, byte[] key, ReadMode mode, Function<TtlResponse, R> result) {
        TtlRequest request = TtlRequest.newBuilder().setKey(copy(key)).build();
        return call(
                name,
                CallType.TTL,
                attempts(
                        key,
                        mode,
                        request,
                        each -> request.toBuilder().setMode(each).build()),
                RetryPolicy.READ,
                _ -> true,
                TtlResponse::getPosition,
                result);
    }

    /// Writes a value that never expires, unconditionally.
    public CompletableFuture<WriteResult> put(byte[] key, byte[] value) {
        return put(key, value, PutOptions.DEFAULT);
    }

    /// Writes a value.
    public CompletableFuture<WriteResult> put(byte[] key, byte[] value, PutOptions options) {
        PutRequest request = PutRequest.newBuilder()
                .setKey(copy(key))
                .setValue(copy(value))
                .setExpiry(ProtoMapper.expiry(options.expiry()))
                .setCondition(ProtoMapper.condition(options.condition()))
                .build();
        return write("put", CallType.PUT, request, key, options.condition());
    }

    /// Removes a record; not applied when there is none.
    public CompletableFuture<WriteResult> delete(byte[] key) {
        return delete(key, Condition.none());
    }

    /// Removes a record if the condition holds; not applied when there is none.
    public CompletableFuture<WriteResult> delete(byte[] key, Condition condition) {
        DeleteRequest request = DeleteRequest.newBuilder()
                .setKey(copy(key))
                .setCondition(ProtoMapper.condition(condition))
                .build();
        return write("delete", CallType.DELETE, request, key, condition);
    }

    /// Sets a record's expiry; not applied when there is no record.
    public CompletableFuture<WriteResult> expire(byte[] key, Expiry expiry) {
        ExpireRequest request = ExpireRequest.newBuilder()
                .setKey(copy(key))
                .setExpiry(ProtoMapper.expiry(expiry))
                .build();
        return write("expire", CallType.EXPIRE, request, key, Condition.none());
    }

    /// Removes a record's expiry; not applied when there is no record, or when it never expires.
    public CompletableFuture<WriteResult> persist(byte[] key) {
        PersistRequest request = PersistRequest.newBuilder().setKey(copy(key)).build();
        return write("persist", CallType.PERSIST, request, key, Condition.none());
    }

    /// Adds to the decimal number in a record; a missing record counts as 0. Keeps the record's expiry.
    public CompletableFuture<Counter> increment(byte[] key, long delta) {
        IncrementRequest request =
                IncrementRequest.newBuilder().setKey(copy(key)).setDelta(delta).build();
        return call(
                "increment",
                CallType.INCREMENT,
                atLeader(key, request),
                unconditional,
                _ -> true,
                IncrementResponse::getPosition,
                ProtoMapper::counter);
    }

    /// Writes a value that never expires if the record is what the caller expects.
    public CompletableFuture<CompareAndSetResult> compareAndSet(byte[] key, Expectation expected, byte[] value) {
        return compareAndSet(key, expected, value, Expiry.never());
    }

    /// Writes a value if the record is what the caller expects.
    public CompletableFuture<CompareAndSetResult> compareAndSet(
            byte[] key, Expectation expected, byte[] value, Expiry expiry) {
        return call(
                "compare-and-set",
                CallType.COMPARE_AND_SET,
                atLeader(key, ProtoMapper.compareAndSet(key, expected, value, expiry)),
                expected instanceof Expectation.Version ? RetryPolicy.REPEATABLE_WRITE : unconditional,
                CompareAndSetResponse::getApplied,
                CompareAndSetResponse::getPosition,
                ProtoMapper::compareAndSetResult);
    }

    /// Writes keys of one partition together, if all checks of the batch hold. A batch whose outcome is unknown
    /// is never repeated, whatever the client may repeat otherwise.
    public CompletableFuture<WriteBatchResult> write(WriteBatch batch) {
        return call(
                "write-batch",
                CallType.WRITE_BATCH,
                atLeader(batch.anyKey(), batch.request()),
                RetryPolicy.SINGLE_WRITE,
                WriteBatchResponse::getApplied,
                WriteBatchResponse::getPosition,
                ProtoMapper::writeBatchResult);
    }

    /// Reads one page of a scan of all partitions.
    public CompletableFuture<ScanPage> scan(ScanCursor cursor, ScanOptions options) {
        ScanRequest request = ScanRequest.newBuilder()
                .setPartition(cursor.partition())
                .setCursor(cursor.position())
                .setLimit(options.pageSize())
                .setPrefix(options.prefix().toByteString())
                .setKeysOnly(options.keysOnly())
                .build();
        CompletableFuture<ScanResponse> response = call(
                "scan",
                CallType.SCAN,
                Attempts.atLeader(request, directory -> directory.routeForPartition(cursor.partition())),
                RetryPolicy.READ,
                _ -> true,
                ScanResponse::getPosition,
                Function.identity());
        return response.thenCombine(
                connection.partitionCount(),
                (page, partitions) -> ProtoMapper.scanPage(page, cursor.partition(), partitions));
    }

    /// The cluster as ZooKeeper has it.
    public CompletableFuture<ClusterView> cluster() {
        return connection.metadata().thenApply(ProtoMapper::view);
    }

    /// The cluster as ZooKeeper has it, and what each node reports about itself. A node that does not answer
    /// within half of the request timeout is listed as unresponsive; the others' reports are there.
    public CompletableFuture<ClusterStatus> status() {
        return connection.report(ProtoMapper::status);
    }

    /// Makes a node the preferred leader of a partition. Completes with true if anything changed, once the
    /// request is stored; [#cluster()] shows when the node leads.
    public CompletableFuture<Boolean> moveLeader(int partition, String node) {
        MoveLeaderRequest request = MoveLeaderRequest.newBuilder()
                .setPartition(partition)
                .setNode(node)
                .build();
        return connection
                .administer(AdminGrpc.getMoveLeaderMethod(), request)
                .thenApply(MoveLeaderResponse::getChanged);
    }

    /// Drains a node of all leaders and copies. Returns the progress; poll until it is complete.
    public CompletableFuture<DrainProgress> drain(String node) {
        return drain(node, false);
    }

    /// Lets a drained node lead and keep copies again.
    public CompletableFuture<DrainProgress> undrain(String node) {
        return drain(node, true);
    }

    private CompletableFuture<DrainProgress> drain(String node, boolean undo) {
        DrainNodeRequest request =
                DrainNodeRequest.newBuilder().setNode(node).setUndo(undo).build();
        return connection
                .administer(AdminGrpc.getDrainNodeMethod(), request)
                .thenApply(response -> new DrainProgress(
                        response.getLeadingList(), response.getRemainingList(), response.getUnplaceableList()));
    }

    /// What must move for a goal. Changes nothing.
    public CompletableFuture<MovePlan> planMoves(MoveGoal goal) {
        return moveReplicas(goal, true);
    }

    /// Stores what must move for a goal, and completes with the plan. The cluster then moves copies and
    /// leaders, a few at a time; [#status()] shows how far it is. Idempotent: asked again, it has nothing to
    /// add.
    public CompletableFuture<MovePlan> moveReplicas(MoveGoal goal) {
        return moveReplicas(goal, false);
    }

    /// The settings that all nodes share.
    public CompletableFuture<List<ClusterSetting>> settings() {
        return shareSettings(ShareSettingsRequest.getDefaultInstance());
    }

    /// Changes a setting that all nodes share, and completes with all of them.
    ///
    /// @param name  as in a node's file, `cluster.move-rate`
    /// @param value as in a node's file, `32MiB`
    public CompletableFuture<List<ClusterSetting>> changeSetting(String name, String value) {
        return shareSettings(
                ShareSettingsRequest.newBuilder().setName(name).setValue(value).build());
    }

    private CompletableFuture<List<ClusterSetting>> shareSettings(ShareSettingsRequest request) {
        return connection
                .administer(AdminGrpc.getShareSettingsMethod(), request)
                .thenApply(response -> response.getSettingsList().stream()
                        .map(setting -> new ClusterSetting(setting.getName(), setting.getValue(), setting.getFixed()))
                        .toList());
    }

    private CompletableFuture<MovePlan> moveReplicas(MoveGoal goal, boolean dryRun) {
        return connection
                .administer(AdminGrpc.getMoveReplicasMethod(), ProtoMapper.moveRequest(goal, dryRun))
                .thenApply(ProtoMapper::movePlan);
    }

    private <Q extends MessageLite> CompletableFuture<WriteResult> write(
            String name, CallType<Q, WriteResponse> type, Q request, byte[] key, Condition condition) {
        RetryPolicy retries = condition instanceof Condition.Version ? RetryPolicy.REPEATABLE_WRITE : unconditional;
        return call(
                name,
                type,
                atLeader(key, request),
                retries,
                WriteResponse::getApplied,
                WriteResponse::getPosition,
                ProtoMapper::writeResult);
    }

    private ReadMode defaultMode() {
        return session == null ? ReadMode.linearizable() : ReadMode.causal(session.context());
    }

    private static <Q extends MessageLite> Attempts<Q> attempts(
            byte[] key, ReadMode mode, Q linearizable, Function<io.caskade.api.v1.ReadMode, Q> other) {
        return switch (mode) {
            case ReadMode.Linearizable _ -> atLeader(key, linearizable);
            case ReadMode.Causal(CausalContext context) -> new ReplicaAttempts<>(key, context, other);
            case ReadMode.Eventual _ -> new ReplicaAttempts<>(key, null, other);
        };
    }

    private static <Q extends MessageLite> Attempts<Q> atLeader(byte[] key, Q request) {
        return Attempts.atLeader(request, directory -> directory.routeForKey(key));
    }

    /// The session has seen an answer before the caller has it.
    private <Q extends MessageLite, A, R> CompletableFuture<R> call(
            String name,
            CallType<Q, A> type,
            Attempts<Q> attempts,
            RetryPolicy retries,
            Predicate<A> definite,
            Function<A, Position> position,
            Function<A, R> result) {
        CausalSession seeing = session;
        return connection.call(new CallSpec<>(name, type, attempts, retries, definite, response -> {
            if (seeing != null) {
                seeing.merge(CausalContext.of(position.apply(response)));
            }
            return result.apply(response);
        }));
    }

    private static ByteString copy(byte[] bytes) {
        return ByteString.copyFrom(bytes);
    }

    /// Closes every connection. Operations in flight fail.
    @Override
    public void close() {
        connection.close();
    }
}
