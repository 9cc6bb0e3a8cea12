package io.caskade.client;

import com.google.protobuf.ByteString;
import io.caskade.api.CaskadeErrors;
import io.caskade.api.KeySlots;
import io.caskade.api.v1.AdminGrpc;
import io.caskade.api.v1.BatchCheck;
import io.caskade.api.v1.BatchCommand;
import io.caskade.api.v1.BatchResult;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.CallBatch;
import io.caskade.api.v1.CompareAndSetRequest;
import io.caskade.api.v1.CompareAndSetResponse;
import io.caskade.api.v1.CopyStatus;
import io.caskade.api.v1.DeleteRequest;
import io.caskade.api.v1.DescribeNodeRequest;
import io.caskade.api.v1.DescribeNodeResponse;
import io.caskade.api.v1.DrainNodeRequest;
import io.caskade.api.v1.DrainNodeResponse;
import io.caskade.api.v1.Entry;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.ExpireRequest;
import io.caskade.api.v1.GetRequest;
import io.caskade.api.v1.GetResponse;
import io.caskade.api.v1.IncrementRequest;
import io.caskade.api.v1.IncrementResponse;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.api.v1.MoveLeaderRequest;
import io.caskade.api.v1.MoveLeaderResponse;
import io.caskade.api.v1.MoveReplicasRequest;
import io.caskade.api.v1.MoveReplicasResponse;
import io.caskade.api.v1.PersistRequest;
import io.caskade.api.v1.Position;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.ReadMode;
import io.caskade.api.v1.Refusal;
import io.caskade.api.v1.Reply;
import io.caskade.api.v1.ReplyBatch;
import io.caskade.api.v1.ScanRequest;
import io.caskade.api.v1.ScanResponse;
import io.caskade.api.v1.ShareSettingsRequest;
import io.caskade.api.v1.ShareSettingsResponse;
import io.caskade.api.v1.TtlRequest;
import io.caskade.api.v1.TtlResponse;
import io.caskade.api.v1.WriteBatchRequest;
import io.caskade.api.v1.WriteBatchResponse;
import io.caskade.api.v1.WriteResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A node that keeps its records in a map: the contract's semantics over a real connection, without disk,
/// replicas or leadership. Can be told to refuse, to keep silent, and to run something between applying a
/// call and answering it.
public final class FakeNode extends KeyValueGrpc.KeyValueImplBase implements AutoCloseable {

    private final Server server;
    private final int partitions;
    private final Map<ByteString, Entry> records = new HashMap<>();
    private final Queue<ErrorCode> refusals = new ArrayDeque<>();
    private Duration refusalDelay = Duration.ZERO;
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger batches = new AtomicInteger();
    private final List<StreamObserver<ReplyBatch>> pipelines = new CopyOnWriteArrayList<>();
    private final List<ReadMode> modes = new ArrayList<>();
    private int epoch;
    private long sequence;
    private Runnable afterApplying = () -> {};
    private final Queue<DrainNodeResponse> drains = new ArrayDeque<>();
    private Consumer<MoveLeaderRequest> moves = _ -> {};
    private Function<MoveReplicasRequest, MoveReplicasResponse> replicaMoves =
            _ -> MoveReplicasResponse.getDefaultInstance();
    private Function<ShareSettingsRequest, ShareSettingsResponse> settings =
            _ -> ShareSettingsResponse.getDefaultInstance();
    private DescribeNodeResponse description;
    private boolean silent;

    /// Starts serving on a free port of loopback.
    public FakeNode(int partitions) throws IOException {
        this.partitions = partitions;
        this.description = DescribeNodeResponse.newBuilder()
                .addAllCopies(IntStream.range(0, partitions)
                        .mapToObj(partition -> CopyStatus.newBuilder()
                                .setPartition(partition)
                                .setInSync(true)
                                .build())
                        .toList())
                .build();
        this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(this)
                .addService(new Admin())
                .build()
                .start();
    }

    public int port() {
        return server.getPort();
    }

    /// How many calls arrived.
    public int calls() {
        return calls.get();
    }

    /// How many messages of calls arrived.
    public int batches() {
        return batches.get();
    }

    /// How many pipelines were opened.
    public int pipelines() {
        return pipelines.size();
    }

    /// Announces on every open pipeline that the node shuts down.
    public void announceShutdown() {
        for (StreamObserver<ReplyBatch> client : pipelines) {
            synchronized (client) {
                client.onNext(ReplyBatch.newBuilder().setShuttingDown(true).build());
            }
        }
    }

    /// Refuses the next calls, one for each code, without applying them.
    public synchronized void refuse(ErrorCode... codes) {
        refusals.addAll(List.of(codes));
    }

    /// How long each refusal takes from now on; before, none takes any time.
    public synchronized void delayRefusals(Duration delay) {
        refusalDelay = delay;
    }

    /// Whether calls are applied but never answered.
    public synchronized void setSilent(boolean value) {
        silent = value;
    }

    /// Answers from now on as a replica that has applied a sequence of an epoch; before, answers have no
    /// position.
    public synchronized void apply(int newEpoch, long newSequence) {
        epoch = newEpoch;
        sequence = newSequence;
    }

    /// The modes of the reads that were not refused, in order.
    public synchronized List<ReadMode> modes() {
        return List.copyOf(modes);
    }

    private Position position(ByteString key) {
        return epoch == 0
                ? Position.getDefaultInstance()
                : Position.newBuilder()
                        .setPartition(KeySlots.partitionOf(key.toByteArray(), partitions))
                        .setEpoch(epoch)
                        .setSequence(sequence)
                        .build();
    }

    /// Runs `action` after each call is applied and before it is answered.
    public synchronized void afterApplying(Runnable action) {
        afterApplying = action;
    }

    /// Sets what the node reports about itself.
    public synchronized void describe(DescribeNodeResponse value) {
        description = value;
    }

    /// Sets how requests for the shared settings are answered.
    public synchronized void onSettings(Function<ShareSettingsRequest, ShareSettingsResponse> action) {
        settings = action;
    }

    /// Sets how requests to move copies are answered.
    public synchronized void onMoveReplicas(Function<MoveReplicasRequest, MoveReplicasResponse> action) {
        replicaMoves = action;
    }

    /// Runs `action` for each request to move a leader.
    public synchronized void onMove(Consumer<MoveLeaderRequest> action) {
        moves = action;
    }

    /// Sets the responses to the next requests to drain a node.
    public synchronized void answerDrains(DrainNodeResponse... responses) {
        drains.addAll(List.of(responses));
    }

    /// The record that a read would return.
    public synchronized Optional<Entry> record(String key) {
        return Optional.ofNullable(live(ByteString.copyFromUtf8(key)));
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> observer) {
        answer(observer, () -> {
            modes.add(request.getMode());
            Entry entry = live(request.getKey());
            GetResponse.Builder response = GetResponse.newBuilder().setPosition(position(request.getKey()));
            return entry == null ? response.build() : response.setEntry(entry).build();
        });
    }

    @Override
    public void ttl(TtlRequest request, StreamObserver<TtlResponse> observer) {
        answer(observer, () -> {
            modes.add(request.getMode());
            Entry entry = live(request.getKey());
            TtlResponse.Builder found = TtlResponse.newBuilder().setPosition(position(request.getKey()));
            if (entry == null) {
                return found.build();
            }
            found.setFound(true).setVersion(entry.getVersion());
            if (entry.getExpiresAtMs() != 0) {
                found.setTtlMs(entry.getExpiresAtMs() - System.currentTimeMillis());
            }
            return found.build();
        });
    }

    @Override
    public void put(PutRequest request, StreamObserver<WriteResponse> observer) {
        answer(observer, () -> apply(request));
    }

    private WriteResponse apply(PutRequest request) {
        Entry before = live(request.getKey());
        if (!holds(request.getCondition(), before)) {
            return written(false, before, 0);
        }
        store(request.getKey(), request.getValue(), expiresAt(request.getExpiry(), before));
        return written(true, before, sequence).toBuilder()
                .setPosition(position(request.getKey()))
                .build();
    }

    @Override
    public void delete(DeleteRequest request, StreamObserver<WriteResponse> observer) {
        answer(observer, () -> apply(request));
    }

    private WriteResponse apply(DeleteRequest request) {
        Entry before = live(request.getKey());
        if (before == null || !holds(request.getCondition(), before)) {
            return written(false, before, 0);
        }
        records.remove(request.getKey());
        return written(true, before, ++sequence);
    }

    @Override
    public void expire(ExpireRequest request, StreamObserver<WriteResponse> observer) {
        answer(observer, () -> apply(request));
    }

    private WriteResponse apply(ExpireRequest request) {
        Entry before = live(request.getKey());
        if (before == null) {
            return written(false, null, 0);
        }
        store(request.getKey(), before.getValue(), expiresAt(request.getExpiry(), before));
        return written(true, before, sequence);
    }

    @Override
    public void persist(PersistRequest request, StreamObserver<WriteResponse> observer) {
        answer(observer, () -> apply(request));
    }

    private WriteResponse apply(PersistRequest request) {
        Entry before = live(request.getKey());
        if (before == null || before.getExpiresAtMs() == 0) {
            return written(false, before, 0);
        }
        store(request.getKey(), before.getValue(), 0);
        return written(true, before, sequence);
    }

    @Override
    public void increment(IncrementRequest request, StreamObserver<IncrementResponse> observer) {
        answer(observer, () -> apply(request));
    }

    private IncrementResponse apply(IncrementRequest request) {
        Entry before = live(request.getKey());
        String text = before == null ? "0" : before.getValue().toStringUtf8();
        if (!text.matches("-?\\d{1,18}")) {
            throw CaskadeErrors.of(ErrorCode.ERROR_CODE_WRONG_VALUE, "the value is not a 64-bit decimal number");
        }
        long value = Long.parseLong(text) + request.getDelta();
        store(
                request.getKey(),
                ByteString.copyFromUtf8(Long.toString(value)),
                before == null ? 0 : before.getExpiresAtMs());
        return IncrementResponse.newBuilder()
                .setPosition(position(request.getKey()))
                .setValue(value)
                .setVersion(sequence)
                .build();
    }

    @Override
    public void compareAndSet(CompareAndSetRequest request, StreamObserver<CompareAndSetResponse> observer) {
        answer(observer, () -> apply(request));
    }

    private CompareAndSetResponse apply(CompareAndSetRequest request) {
        Entry before = live(request.getKey());
        boolean expected = switch (request.getExpectedCase()) {
            case ABSENT -> before == null;
            case VERSION -> before != null && before.getVersion() == request.getVersion();
            case VALUE -> before != null && before.getValue().equals(request.getValue());
            case EXPECTED_NOT_SET ->
                throw CaskadeErrors.of(ErrorCode.ERROR_CODE_INVALID_ARGUMENT, "nothing is expected");
        };
        if (!expected) {
            CompareAndSetResponse.Builder differs =
                    CompareAndSetResponse.newBuilder().setPosition(position(request.getKey()));
            if (before != null) {
                differs.setCurrent(before);
            }
            return differs.build();
        }
        store(request.getKey(), request.getNewValue(), expiresAt(request.getExpiry(), before));
        return CompareAndSetResponse.newBuilder()
                .setApplied(true)
                .setVersion(sequence)
                .build();
    }

    @Override
    public void writeBatch(WriteBatchRequest request, StreamObserver<WriteBatchResponse> observer) {
        answer(observer, () -> {
            for (int i = 0; i < request.getChecksCount(); i++) {
                BatchCheck check = request.getChecks(i);
                if (!holds(check.getCondition(), live(check.getKey()))) {
                    return WriteBatchResponse.newBuilder().setFailedCheck(i).build();
                }
            }
            WriteBatchResponse.Builder response =
                    WriteBatchResponse.newBuilder().setApplied(true);
            request.getCommandsList().forEach(command -> response.addResults(apply(command)));
            return response.build();
        });
    }

    private BatchResult apply(BatchCommand command) {
        BatchResult.Builder result = BatchResult.newBuilder();
        try {
            switch (command.getCommandCase()) {
                case PUT -> result.setWrite(apply(command.getPut()));
                case DELETE -> result.setWrite(apply(command.getDelete()));
                case EXPIRE -> result.setWrite(apply(command.getExpire()));
                case PERSIST -> result.setWrite(apply(command.getPersist()));
                case INCREMENT -> result.setIncrement(apply(command.getIncrement()));
                case COMPARE_AND_SET -> result.setCompareAndSet(apply(command.getCompareAndSet()));
                case COMMAND_NOT_SET -> throw new IllegalArgumentException("a batch without a command");
            }
        } catch (StatusRuntimeException e) {
            result.setRefused(Refusal.newBuilder()
                    .setCode(CaskadeErrors.codeOf(e))
                    .setMessage(String.valueOf(e.getStatus().getDescription())));
        }
        return result.build();
    }

    @Override
    public void scan(ScanRequest request, StreamObserver<ScanResponse> observer) {
        answer(observer, () -> {
            List<Entry> rest = records.values().stream()
                    .filter(entry ->
                            KeySlots.partitionOf(entry.getKey().toByteArray(), partitions) == request.getPartition())
                    .filter(entry -> position(entry) > request.getCursor())
                    .sorted(Comparator.comparingLong(FakeNode::position))
                    .toList();
            int limit = request.getLimit() == 0 ? 100 : request.getLimit();
            List<Entry> page = rest.subList(0, Math.min(limit, rest.size()));
            ScanResponse.Builder answer = ScanResponse.newBuilder();
            for (Entry entry : page) {
                if (entry.getKey().startsWith(request.getPrefix()) && live(entry.getKey()) != null) {
                    answer.addEntries(request.getKeysOnly() ? entry.toBuilder().clearValue() : entry.toBuilder());
                }
            }
            return answer.setNextCursor(page.size() < rest.size() ? position(page.getLast()) : 0)
                    .build();
        });
    }

    /// Runs each call like one sent alone, and sends each reply in a message of its own.
    @Override
    public StreamObserver<CallBatch> pipeline(StreamObserver<ReplyBatch> client) {
        pipelines.add(client);
        return new StreamObserver<>() {
            @Override
            public void onNext(CallBatch batch) {
                batches.incrementAndGet();
                batch.getCallsList().forEach(call -> run(call, client));
            }

            @Override
            public void onError(Throwable failure) {
                // The client is gone and waits for no replies.
            }

            @Override
            public void onCompleted() {
                client.onCompleted();
            }
        };
    }

    private void run(Call call, StreamObserver<ReplyBatch> client) {
        switch (call.getRequestCase()) {
            case GET -> get(call.getGet(), replying(call, client, Reply.Builder::setGet));
            case TTL -> ttl(call.getTtl(), replying(call, client, Reply.Builder::setTtl));
            case PUT -> put(call.getPut(), replying(call, client, Reply.Builder::setWrite));
            case DELETE -> delete(call.getDelete(), replying(call, client, Reply.Builder::setWrite));
            case EXPIRE -> expire(call.getExpire(), replying(call, client, Reply.Builder::setWrite));
            case PERSIST -> persist(call.getPersist(), replying(call, client, Reply.Builder::setWrite));
            case INCREMENT -> increment(call.getIncrement(), replying(call, client, Reply.Builder::setIncrement));
            case COMPARE_AND_SET ->
                compareAndSet(call.getCompareAndSet(), replying(call, client, Reply.Builder::setCompareAndSet));
            case WRITE_BATCH -> writeBatch(call.getWriteBatch(), replying(call, client, Reply.Builder::setWriteBatch));
            case REQUEST_NOT_SET -> throw new IllegalArgumentException("a call without a request");
        }
    }

    private static <A> StreamObserver<A> replying(
            Call call, StreamObserver<ReplyBatch> client, BiConsumer<Reply.Builder, A> enclose) {
        return new StreamObserver<>() {
            @Override
            public void onNext(A answer) {
                Reply.Builder reply = Reply.newBuilder().setId(call.getId());
                enclose.accept(reply, answer);
                send(reply);
            }

            @Override
            public void onError(Throwable failure) {
                send(Reply.newBuilder()
                        .setId(call.getId())
                        .setRefused(Refusal.newBuilder()
                                .setCode(CaskadeErrors.codeOf(failure))
                                .setMessage(String.valueOf(
                                        Status.fromThrowable(failure).getDescription()))));
            }

            @Override
            public void onCompleted() {
                // The reply was sent with the answer.
            }

            private void send(Reply.Builder reply) {
                synchronized (client) {
                    client.onNext(ReplyBatch.newBuilder().addReplies(reply).build());
                }
            }
        };
    }

    /// Lists records in the order of their last writes, which is stable while a test only reads.
    private static long position(Entry entry) {
        return entry.getVersion();
    }

    private <A> void answer(StreamObserver<A> observer, Supplier<A> apply) {
        calls.incrementAndGet();
        A answer;
        Runnable then;
        synchronized (this) {
            ErrorCode refusal = refusals.poll();
            try {
                if (refusal != null) {
                    LockSupport.parkNanos(refusalDelay.toNanos());
                    throw CaskadeErrors.of(refusal, "as the test wants it");
                }
                answer = apply.get();
            } catch (StatusRuntimeException e) {
                observer.onError(e);
                return;
            }
            then = afterApplying;
            if (silent) {
                return;
            }
        }
        then.run();
        observer.onNext(answer);
        observer.onCompleted();
    }

    private void store(ByteString key, ByteString value, long expiresAt) {
        sequence++;
        records.put(
                key,
                Entry.newBuilder()
                        .setKey(key)
                        .setValue(value)
                        .setVersion(sequence)
                        .setExpiresAtMs(expiresAt)
                        .build());
    }

    @Nullable
    private Entry live(ByteString key) {
        Entry entry = records.get(key);
        boolean expired =
                entry != null && entry.getExpiresAtMs() != 0 && entry.getExpiresAtMs() <= System.currentTimeMillis();
        return expired ? null : entry;
    }

    private static long expiresAt(io.caskade.api.v1.Expiry expiry, @Nullable Entry before) {
        return switch (expiry.getWhenCase()) {
            case TTL_MS -> System.currentTimeMillis() + expiry.getTtlMs();
            case EXPIRES_AT_MS -> expiry.getExpiresAtMs();
            case KEEP -> before == null ? 0 : before.getExpiresAtMs();
            case WHEN_NOT_SET -> 0;
        };
    }

    private static boolean holds(io.caskade.api.v1.Condition condition, @Nullable Entry before) {
        return switch (condition.getKindCase()) {
            case ABSENT -> before == null;
            case PRESENT -> before != null;
            case VERSION -> before != null && before.getVersion() == condition.getVersion();
            case KIND_NOT_SET -> true;
        };
    }

    private static WriteResponse written(boolean applied, @Nullable Entry before, long version) {
        return WriteResponse.newBuilder()
                .setApplied(applied)
                .setFound(before != null)
                .setVersion(version)
                .build();
    }

    private final class Admin extends AdminGrpc.AdminImplBase {

        @Override
        public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> observer) {
            answer(observer, () -> {
                moves.accept(request);
                return MoveLeaderResponse.newBuilder().setChanged(true).build();
            });
        }

        @Override
        public void drainNode(DrainNodeRequest request, StreamObserver<DrainNodeResponse> observer) {
            answer(observer, drains::remove);
        }

        @Override
        public void moveReplicas(MoveReplicasRequest request, StreamObserver<MoveReplicasResponse> observer) {
            answer(observer, () -> replicaMoves.apply(request));
        }

        @Override
        public void shareSettings(ShareSettingsRequest request, StreamObserver<ShareSettingsResponse> observer) {
            answer(observer, () -> settings.apply(request));
        }

        @Override
        public void describeNode(DescribeNodeRequest request, StreamObserver<DescribeNodeResponse> observer) {
            synchronized (FakeNode.this) {
                observer.onNext(description);
            }
            observer.onCompleted();
        }
    }

    /// Cuts every connection and frees the port.
    @Override
    public void close() {
        server.shutdownNow();
    }
}
