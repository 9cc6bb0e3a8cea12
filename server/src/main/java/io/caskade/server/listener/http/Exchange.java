package io.caskade.server.listener.http;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.ReadHold;
import io.caskade.server.metrics.RequestKind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import org.jspecify.annotations.Nullable;

/// A request that is being received or answered, and what it holds. For the connection's thread, except for its
/// [ReadHold].
final class Exchange {

    /// The first bytes of a body get so much room; more is added as they come.
    private static final int INITIAL_BODY_BYTES = 1024;

    private final HttpRequest head;
    private final long startNanos;
    private final ByteBudget bodies;
    private final InFlightRequests inFlight;
    private final ReadHold hold;

    private @Nullable Operation operation;
    private @Nullable ByteBuf body;
    private ByteBudget.@Nullable Hold bodyHold;
    private long received;
    private boolean keptAlive;
    private boolean complete;
    private boolean ended;

    /// Begins an exchange, which must be ended.
    Exchange(HttpRequest head, long startNanos, ByteBudget bodies, ReadBudget reads, InFlightRequests inFlight) {
        this.head = head;
        this.startNanos = startNanos;
        this.bodies = bodies;
        this.inFlight = inFlight;
        this.hold = new ReadHold(reads);
        this.keptAlive = HttpUtil.isKeepAlive(head);
        inFlight.add();
    }

    HttpRequest head() {
        return head;
    }

    long startNanos() {
        return startNanos;
    }

    ReadHold hold() {
        return hold;
    }

    boolean isHead() {
        return head.method().name().equals(Request.HEAD);
    }

    /// Whether the connection may serve other requests after this one.
    boolean isKeptAlive() {
        return keptAlive;
    }

    void closeAfterwards() {
        keptAlive = false;
    }

    void setOperation(Operation found) {
        operation = found;
    }

    @Nullable
    Operation operation() {
        return operation;
    }

    RequestKind kind() {
        return operation == null ? RequestKind.INVALID : operation.kind();
    }

    /// Whether the whole request was received.
    boolean isComplete() {
        return complete;
    }

    void setComplete() {
        complete = true;
    }

    /// How many bytes of the body were received.
    long received() {
        return received;
    }

    /// Refuses a body that is too long.
    ///
    /// @param bytes how long it is, or is said to be
    /// @throws HttpFailure that says how long it may be
    void requireFitting(long bytes) {
        Operation.Body taken = operation == null ? Operation.Body.NONE : operation.body();
        if (bytes > taken.maxBytes()) {
            throw new HttpFailure(ErrorCode.VALUE_TOO_LARGE, taken.limit());
        }
    }

    /// Adds to the body.
    ///
    /// @throws HttpFailure when the body is too long, or too many bytes are being received
    void receive(ByteBuf content, ByteBufAllocator allocator) {
        int bytes = content.readableBytes();
        if (bytes == 0) {
            return;
        }
        received += bytes;
        requireFitting(received);
        hold(bytes + (body == null ? 0L : body.readableBytes()));
        if (body == null) {
            body = allocator.buffer(INITIAL_BODY_BYTES);
        }
        body.writeBytes(content);
    }

    private void hold(long bytes) {
        ByteBudget.Hold held = bodyHold == null ? bodies.tryHold(bytes) : bodyHold;
        if (held == null || !held.tryGrowTo(bytes)) {
            throw new HttpFailure(
                    ErrorCode.BUSY,
                    "more bytes of requests are being received than limits.in-flight allows, " + bodies.limit()
                            + " bytes; try again later");
        }
        bodyHold = held;
    }

    /// Counts bytes of the body that are not wanted.
    void drop(int bytes) {
        received += bytes;
    }

    /// The whole body, which is held no longer.
    byte[] takeBody() {
        byte[] bytes = body == null ? new byte[0] : ByteBufUtil.getBytes(body);
        releaseBody();
        return bytes;
    }

    private void releaseBody() {
        if (bodyHold != null) {
            bodyHold.release();
            bodyHold = null;
        }
        if (body != null) {
            body.release();
            body = null;
        }
    }

    /// Whether its answer was written out, or its client is gone.
    boolean isEnded() {
        return ended;
    }

    /// Gives everything back. Idempotent.
    void end() {
        if (!ended) {
            ended = true;
            releaseBody();
            hold.end();
            inFlight.remove();
        }
    }
}
