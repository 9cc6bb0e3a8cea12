package io.caskade.server.listener.grpc;

import com.google.protobuf.ByteString;
import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.CallBatch;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.ReadMode;
import io.caskade.api.v1.Refusal;
import io.caskade.api.v1.Reply;
import io.caskade.api.v1.ReplyBatch;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.listener.ReadBudget;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One client's pipeline: runs its calls as the service would run each by itself, and sends replies in
/// batches.
///
/// Calls start on the connection's thread. A batch's reads of small values that need the disk run on one
/// thread, those of large values each on its own, when there is room for the value ([ReadBudget]). Replies
/// come on any thread; one at a time sends them. A reply's bytes are held from before its value is read until
/// it was written to the socket. No more calls are accepted while too many have no reply, or their replies
/// have too many bytes, or the client does not read its replies; calls to a partition that does not answer do
/// not count ([PartitionProgress]).
final class PipelineCall implements StreamObserver<CallBatch> {

    private static final int MAX_IN_FLIGHT = 4096;

    /// How long nothing may come from a partition before it is taken for one that does not answer.
    private static final long STALL_MILLIS = 250;

    private static final int MAX_BATCH_BYTES = 1 << 20;

    private static final ReadMode LINEARIZABLE = ReadMode.getDefaultInstance();

    /// The rest of a read that needs the disk.
    @FunctionalInterface
    private interface DiskRead {
        /// Runs it.
        ///
        /// @param runner this thread, which sends the replies when it has done all of its reads; null when
        ///     each is to be sent at once
        void run(@Nullable Thread runner);
    }

    private final KeyValueService service;
    private final ServerCallStreamObserver<ReplyBatch> client;
    private final ReadBudget.Account account;
    private final long maxHeldBytes;
    private final Executor threads;
    private final EventLoop connection;
    private final PartitionProgress progress;
    private final InFlightCalls calls;
    private final Consumer<PipelineCall> onEnd;
    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
    private final AtomicInteger senders = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicBoolean inputPaused = new AtomicBoolean();

    /// The calls to partitions that do not answer.
    private volatile int stalledCalls;

    private volatile boolean shuttingDown;
    private volatile boolean clientDone;

    /// Whether a check for partitions that do not answer is scheduled; for the connection's thread.
    private boolean watching;

    /// Whether gRPC has written everything out and ended the call.
    private volatile boolean closed;

    // Used only by the sending thread.
    private long unwritten;
    private long unwrittenLarge;
    private boolean goAwaySent;
    private boolean ended;

    /// @param service    runs each call
    /// @param reads      bounds the bytes of replies
    /// @param threads    runs tasks that may wait for the disk
    /// @param connection the connection's thread
    /// @param calls      counts the calls
    /// @param onEnd      called when the stream has ended
    PipelineCall(
            KeyValueService service,
            ServerCallStreamObserver<ReplyBatch> client,
            ReadBudget reads,
            Executor threads,
            EventLoop connection,
            InFlightCalls calls,
            Consumer<PipelineCall> onEnd) {
        this.service = service;
        this.client = client;
        this.account = reads.open();
        this.maxHeldBytes = reads.share();
        this.threads = threads;
        this.connection = connection;
        this.progress = new PartitionProgress(service.partitions());
        this.calls = calls;
        this.onEnd = onEnd;
    }

    /// Starts to accept calls; for the thread that opened the stream.
    void begin() {
        client.setOnReadyHandler(this::scheduleSend);
        client.setOnCancelHandler(this::scheduleSend);
        client.setOnCloseHandler(() -> {
            closed = true;
            scheduleSend();
        });
        client.disableAutoRequest();
        client.request(1);
    }

    /// Tells the client to send no more calls; those already sent are still answered.
    void goAway() {
        shuttingDown = true;
        scheduleSend();
    }

    @Override
    public void onNext(CallBatch batch) {
        calls.add(batch.getCallsCount());
        inFlight.addAndGet(batch.getCallsCount());
        List<DiskRead> reads = new ArrayList<>();
        for (Call call : batch.getCallsList()) {
            DiskRead rest = begin(call);
            if (rest != null) {
                reads.add(rest);
            }
        }
        if (!reads.isEmpty()) {
            threads.execute(() -> run(reads));
        }
        inputPaused.set(true);
        requestMore();
        watchIfPaused();
    }

    /// While no calls are accepted, looks again and again which partitions do not answer.
    private void watchIfPaused() {
        if (!watching && inputPaused.get() && !closed) {
            watching = true;
            progress.note();
            watchLater();
        }
    }

    private void watchLater() {
        Future<?> _ = connection.schedule(this::watch, STALL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void watch() {
        stalledCalls = progress.findStalled();
        requestMore();
        if (inputPaused.get() && !closed && !client.isCancelled()) {
            watchLater();
        } else {
            watching = false;
        }
    }

    private void requestMore() {
        if (inFlight.get() - stalledCalls < MAX_IN_FLIGHT
                && account.held() <= maxHeldBytes
                && inputPaused.compareAndSet(true, false)) {
            client.request(1);
        }
    }

    private void run(List<DiskRead> reads) {
        Thread runner = Thread.currentThread();
        reads.forEach(read -> read.run(runner));
        if (enterSending()) {
            send();
        }
    }

    private @Nullable DiskRead begin(Call call) {
        long id = call.getId();
        byte[] key = RequestCodec.bytes(key(call));
        int partition = service.partitionOf(key);
        progress.start(partition);
        try {
            if (progress.isOverloaded(partition)) {
                throw CaskadeErrors.of(
                        ErrorCode.ERROR_CODE_BUSY,
                        "partition " + partition + ": it does not answer at present, and "
                                + PartitionProgress.MAX_STALLED_CALLS + " calls of this client wait for it already");
            }
            return switch (call.getRequestCase()) {
                case GET -> {
                    boolean withoutValue = call.getGet().getWithoutValue();
                    yield beginRead(
                            id,
                            partition,
                            key,
                            call.getGet().getMode(),
                            withoutValue,
                            answer -> RequestCodec.getResponse(answer, withoutValue),
                            Reply.Builder::setGet);
                }
                case TTL ->
                    beginRead(
                            id,
                            partition,
                            key,
                            call.getTtl().getMode(),
                            true,
                            RequestCodec::ttlResponse,
                            Reply.Builder::setTtl);
                default -> {
                    write(call, partition);
                    yield null;
                }
            };
        } catch (RuntimeException e) {
            refuse(id, partition, 0, e);
            scheduleSend();
            return null;
        }
    }

    private static ByteString key(Call call) {
        return switch (call.getRequestCase()) {
            case GET -> call.getGet().getKey();
            case TTL -> call.getTtl().getKey();
            case PUT -> call.getPut().getKey();
            case DELETE -> call.getDelete().getKey();
            case EXPIRE -> call.getExpire().getKey();
            case PERSIST -> call.getPersist().getKey();
            case INCREMENT -> call.getIncrement().getKey();
            case COMPARE_AND_SET -> call.getCompareAndSet().getKey();
            case WRITE_BATCH -> BatchCodec.anyKey(call.getWriteBatch());
            case REQUEST_NOT_SET -> ByteString.EMPTY;
        };
    }

    private <A> @Nullable DiskRead beginRead(
            long id,
            int partition,
            byte[] key,
            ReadMode mode,
            boolean withoutValue,
            Function<Answer<@Nullable FoundRecord>, A> encode,
            BiConsumer<Reply.Builder, A> enclose) {
        try {
            CompletionStage<StartedGet> begun;
            if (mode.equals(LINEARIZABLE)) {
                StartedGet started = service.beginGet(key, withoutValue);
                if (!(started instanceof StartedGet.Forwarded(var elsewhere))) {
                    return resume(started, id, partition, encode, enclose);
                }
                begun = elsewhere;
            } else {
                begun = service.beginGet(key, mode, withoutValue);
            }
            var _ = begun.whenComplete((started, failure) -> {
                if (failure == null) {
                    DiskRead rest = resume(started, id, partition, encode, enclose);
                    if (rest != null) {
                        threads.execute(() -> rest.run(null));
                    }
                } else {
                    ResponseSender.fail(new ReplyObserver<>(id, partition, 0, null, enclose), failure);
                }
            });
        } catch (RuntimeException e) {
            ResponseSender.fail(new ReplyObserver<>(id, partition, 0, null, enclose), e);
        }
        return null;
    }

    /// Takes a value's bytes before it is read. A large value has a thread of its own, on which it waits for
    /// its bytes and for the disk: nothing else waits with it.
    private <A> @Nullable DiskRead resume(
            StartedGet started,
            long id,
            int partition,
            Function<Answer<@Nullable FoundRecord>, A> encode,
            BiConsumer<Reply.Builder, A> enclose) {
        long bytes = started.bytes();
        if (!account.tryTake(bytes)) {
            threads.execute(() -> readWhenItFits(started, id, partition, encode, enclose));
            return null;
        }
        DiskRead read = runner -> ResponseSender.send(
                new ReplyObserver<>(id, partition, bytes, runner, enclose), started::finish, encode);
        return switch (started) {
            case StartedGet.Answered _, StartedGet.AtPeer _, StartedGet.Forwarded _ -> {
                read.run(null);
                yield null;
            }
            case StartedGet.NeedsDisk _
            when bytes > ReadBudget.SMALL_BYTES -> {
                threads.execute(() -> read.run(null));
                yield null;
            }
            case StartedGet.NeedsDisk _ -> read;
        };
    }

    private <A> void readWhenItFits(
            StartedGet started,
            long id,
            int partition,
            Function<Answer<@Nullable FoundRecord>, A> encode,
            BiConsumer<Reply.Builder, A> enclose) {
        try {
            account.take(started.bytes());
        } catch (CommandRefusedException e) {
            ResponseSender.fail(new ReplyObserver<>(id, partition, 0, null, enclose), e);
            return;
        }
        ResponseSender.send(
                new ReplyObserver<>(id, partition, started.bytes(), null, enclose), started::finish, encode);
    }

    private void write(Call call, int partition) {
        long id = call.getId();
        switch (call.getRequestCase()) {
            case PUT ->
                service.put(call.getPut(), new ReplyObserver<>(id, partition, 0, null, Reply.Builder::setWrite));
            case DELETE ->
                service.delete(call.getDelete(), new ReplyObserver<>(id, partition, 0, null, Reply.Builder::setWrite));
            case EXPIRE ->
                service.expire(call.getExpire(), new ReplyObserver<>(id, partition, 0, null, Reply.Builder::setWrite));
            case PERSIST ->
                service.persist(
                        call.getPersist(), new ReplyObserver<>(id, partition, 0, null, Reply.Builder::setWrite));
            case INCREMENT ->
                service.increment(
                        call.getIncrement(), new ReplyObserver<>(id, partition, 0, null, Reply.Builder::setIncrement));
            case COMPARE_AND_SET ->
                service.compareAndSet(
                        call.getCompareAndSet(),
                        new ReplyObserver<>(id, partition, 0, null, Reply.Builder::setCompareAndSet));
            case WRITE_BATCH ->
                service.writeBatch(
                        call.getWriteBatch(),
                        new ReplyObserver<>(id, partition, 0, null, Reply.Builder::setWriteBatch));
            case GET, TTL, REQUEST_NOT_SET ->
                throw CaskadeErrors.of(ErrorCode.ERROR_CODE_INVALID_ARGUMENT, "unknown call type");
        }
    }

    /// Receives the outcome of one call.
    private final class ReplyObserver<A> implements StreamObserver<A> {

        private final long id;
        private final int partition;
        private final long taken;
        private final @Nullable Thread runner;
        private final BiConsumer<Reply.Builder, A> enclose;
        private @Nullable Reply reply;

        /// @param taken the bytes that were taken for the reply
        ReplyObserver(
                long id, int partition, long taken, @Nullable Thread runner, BiConsumer<Reply.Builder, A> enclose) {
            this.id = id;
            this.partition = partition;
            this.taken = taken;
            this.runner = runner;
            this.enclose = enclose;
        }

        @Override
        public void onNext(A answer) {
            Reply.Builder builder = Reply.newBuilder().setId(id);
            enclose.accept(builder, answer);
            reply = builder.build();
        }

        @Override
        public void onError(Throwable failure) {
            refuse(id, partition, taken, failure);
            sendUnlessRunning();
        }

        @Override
        public void onCompleted() {
            Reply whole = reply;
            if (whole == null) {
                onError(Status.INTERNAL.withDescription("no answer").asRuntimeException());
            } else {
                enqueue(whole, partition, taken);
                sendUnlessRunning();
            }
        }

        /// A thread that starts several calls sends when it has started all of them.
        private void sendUnlessRunning() {
            if (!Thread.currentThread().equals(runner)) {
                scheduleSend();
            }
        }
    }

    private void refuse(long id, int partition, long taken, Throwable failure) {
        String description = Status.fromThrowable(failure).getDescription();
        Refusal refusal = Refusal.newBuilder()
                .setCode(CaskadeErrors.codeOf(failure))
                .setMessage(description == null ? "internal error" : description)
                .build();
        enqueue(Reply.newBuilder().setId(id).setRefused(refusal).build(), partition, taken);
    }

    /// From here on the reply's own bytes are held.
    private void enqueue(Reply reply, int partition, long taken) {
        progress.answer(partition);
        account.settle(taken, reply.getSerializedSize());
        replies.add(reply);
    }

    private boolean enterSending() {
        return senders.getAndIncrement() == 0;
    }

    /// Sends in the connection's next turn, so that more replies can join the batch.
    private void scheduleSend() {
        if (enterSending()) {
            connection.execute(this::send);
        }
    }

    private void send() {
        int served = 1;
        do {
            if (closed || client.isCancelled()) {
                drop();
            } else {
                sendReplies();
                sendGoAway();
                end();
            }
            served = senders.addAndGet(-served);
        } while (served != 0);
    }

    private void sendReplies() {
        while (isWritten() && !replies.isEmpty()) {
            ReplyBatch.Builder batch = ReplyBatch.newBuilder();
            int bytes = 0;
            while (bytes < MAX_BATCH_BYTES) {
                Reply reply = replies.poll();
                if (reply == null) {
                    break;
                }
                batch.addReplies(reply);
                int size = reply.getSerializedSize();
                bytes += size;
                unwritten += size;
                unwrittenLarge += size > ReadBudget.SMALL_BYTES ? size : 0;
            }
            int count = batch.getRepliesCount();
            client.onNext(batch.build());
            onReplied(count);
        }
    }

    /// Whether the connection has written out nearly all that was sent on it; gives its bytes back then.
    private boolean isWritten() {
        if (!client.isReady()) {
            return false;
        }
        releaseWritten();
        return true;
    }

    private void releaseWritten() {
        if (unwritten > 0) {
            account.release(unwritten, unwrittenLarge);
            unwritten = 0;
            unwrittenLarge = 0;
            requestMore();
        }
    }

    private void drop() {
        onEnd.accept(this);
        releaseWritten();
        for (Reply reply = replies.poll(); reply != null; reply = replies.poll()) {
            account.release(reply.getSerializedSize());
            onReplied(1);
        }
    }

    private void onReplied(int count) {
        calls.remove(count);
        inFlight.addAndGet(-count);
        requestMore();
    }

    private void sendGoAway() {
        if (shuttingDown && !goAwaySent && !ended) {
            goAwaySent = true;
            client.onNext(ReplyBatch.newBuilder().setShuttingDown(true).build());
        }
    }

    private void end() {
        if (clientDone && inFlight.get() == 0 && !ended) {
            ended = true;
            client.onCompleted();
            onEnd.accept(this);
        }
    }

    /// The client is gone; its calls continue, and their responses are dropped.
    @Override
    public void onError(Throwable failure) {
        scheduleSend();
    }

    @Override
    public void onCompleted() {
        clientDone = true;
        scheduleSend();
    }
}
