package io.caskade.server.listener.grpc;

import io.caskade.api.CaskadeErrors;
import io.caskade.api.v1.Call;
import io.caskade.api.v1.CallBatch;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.Refusal;
import io.caskade.api.v1.Reply;
import io.caskade.api.v1.ReplyBatch;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One client's pipeline: runs its calls as the service would run each by itself, and sends replies in batches.
///
/// Calls start on the connection's thread; a batch's reads that need the disk run on their own thread. Replies
/// come on any thread; one at a time sends them. No more calls are accepted while too many have no reply, or
/// the client does not read its replies.
final class PipelineCall implements StreamObserver<CallBatch> {

    private static final int MAX_IN_FLIGHT = 4096;
    private static final int MAX_BATCH_BYTES = 1 << 20;

    /// The rest of a read that needs the disk.
    @FunctionalInterface
    private interface DiskRead {
        /// Runs it.
        ///
        /// @param runner this thread, which sends the replies when it has done all of its reads
        void run(Thread runner);
    }

    private final KeyValueService service;
    private final ServerCallStreamObserver<ReplyBatch> client;
    private final Executor threads;
    private final Executor connection;
    private final InFlightCalls calls;
    private final Consumer<PipelineCall> onEnd;
    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
    private final AtomicInteger senders = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicBoolean inputPaused = new AtomicBoolean();

    private volatile boolean shuttingDown;
    private volatile boolean clientDone;

    // Used only by the sending thread.
    private boolean goAwaySent;
    private boolean ended;

    /// @param service    runs each call
    /// @param threads    runs tasks that may wait for the disk
    /// @param connection the connection's thread
    /// @param calls      counts the calls
    /// @param onEnd      called when the stream has ended
    PipelineCall(
            KeyValueService service,
            ServerCallStreamObserver<ReplyBatch> client,
            Executor threads,
            Executor connection,
            InFlightCalls calls,
            Consumer<PipelineCall> onEnd) {
        this.service = service;
        this.client = client;
        this.threads = threads;
        this.connection = connection;
        this.calls = calls;
        this.onEnd = onEnd;
    }

    /// Starts to accept calls; for the thread that opened the stream.
    void begin() {
        client.setOnReadyHandler(this::scheduleSend);
        client.setOnCancelHandler(this::scheduleSend);
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
    }

    private void requestMore() {
        if (inFlight.get() < MAX_IN_FLIGHT && inputPaused.compareAndSet(true, false)) {
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
        try {
            return switch (call.getRequestCase()) {
                case GET -> beginRead(id, call.getGet(), service::beginGet, Reply.Builder::setGet);
                case TTL -> beginRead(id, call.getTtl(), service::beginTtl, Reply.Builder::setTtl);
                default -> {
                    write(call);
                    yield null;
                }
            };
        } catch (RuntimeException e) {
            refuse(id, e);
            scheduleSend();
            return null;
        }
    }

    private <R, A> @Nullable DiskRead beginRead(
            long id,
            R request,
            BiFunction<R, StreamObserver<A>, @Nullable Consumer<StreamObserver<A>>> begin,
            BiConsumer<Reply.Builder, A> enclose) {
        Consumer<StreamObserver<A>> rest = begin.apply(request, new ReplyObserver<>(id, null, enclose));
        return rest == null ? null : runner -> rest.accept(new ReplyObserver<>(id, runner, enclose));
    }

    private void write(Call call) {
        long id = call.getId();
        switch (call.getRequestCase()) {
            case PUT -> service.put(call.getPut(), new ReplyObserver<>(id, null, Reply.Builder::setWrite));
            case DELETE -> service.delete(call.getDelete(), new ReplyObserver<>(id, null, Reply.Builder::setWrite));
            case EXPIRE -> service.expire(call.getExpire(), new ReplyObserver<>(id, null, Reply.Builder::setWrite));
            case PERSIST -> service.persist(call.getPersist(), new ReplyObserver<>(id, null, Reply.Builder::setWrite));
            case INCREMENT ->
                service.increment(call.getIncrement(), new ReplyObserver<>(id, null, Reply.Builder::setIncrement));
            case COMPARE_AND_SET ->
                service.compareAndSet(
                        call.getCompareAndSet(), new ReplyObserver<>(id, null, Reply.Builder::setCompareAndSet));
            case GET, TTL, REQUEST_NOT_SET ->
                throw CaskadeErrors.of(ErrorCode.ERROR_CODE_INVALID_ARGUMENT, "unknown call type");
        }
    }

    /// Receives the outcome of one call.
    private final class ReplyObserver<A> implements StreamObserver<A> {

        private final long id;
        private final @Nullable Thread runner;
        private final BiConsumer<Reply.Builder, A> enclose;
        private @Nullable Reply reply;

        ReplyObserver(long id, @Nullable Thread runner, BiConsumer<Reply.Builder, A> enclose) {
            this.id = id;
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
            refuse(id, failure);
            sendUnlessRunning();
        }

        @Override
        public void onCompleted() {
            Reply whole = reply;
            if (whole == null) {
                onError(Status.INTERNAL.withDescription("no answer").asRuntimeException());
            } else {
                replies.add(whole);
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

    private void refuse(long id, Throwable failure) {
        String description = Status.fromThrowable(failure).getDescription();
        Refusal refusal = Refusal.newBuilder()
                .setCode(CaskadeErrors.codeOf(failure))
                .setMessage(description == null ? "internal error" : description)
                .build();
        replies.add(Reply.newBuilder().setId(id).setRefused(refusal).build());
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
            if (client.isCancelled()) {
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
        while (client.isReady() && !replies.isEmpty()) {
            ReplyBatch.Builder batch = ReplyBatch.newBuilder();
            int bytes = 0;
            while (bytes < MAX_BATCH_BYTES) {
                Reply reply = replies.poll();
                if (reply == null) {
                    break;
                }
                batch.addReplies(reply);
                bytes += reply.getSerializedSize();
            }
            int count = batch.getRepliesCount();
            client.onNext(batch.build());
            onReplied(count);
        }
    }

    private void drop() {
        onEnd.accept(this);
        while (replies.poll() != null) {
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
