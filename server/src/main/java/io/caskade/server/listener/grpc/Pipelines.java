package io.caskade.server.listener.grpc;

import io.caskade.api.v1.ReplyBatch;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.loop.EventLoops;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/// The open pipelines of this node's clients. Thread-safe.
final class Pipelines {

    private final ReadBudget reads;
    private final Executor threads;
    private final EventLoops loops;
    private final InFlightCalls calls;
    private final Set<PipelineCall> open = ConcurrentHashMap.newKeySet();

    private volatile boolean shuttingDown;

    /// @param reads   bounds the bytes of replies
    /// @param threads runs tasks that may wait for the disk
    /// @param loops   the threads of the connections
    /// @param calls   counts the calls on all of them
    Pipelines(ReadBudget reads, Executor threads, EventLoops loops, InFlightCalls calls) {
        this.reads = reads;
        this.threads = threads;
        this.loops = loops;
        this.calls = calls;
    }

    /// Called on the connection's thread.
    PipelineCall begin(KeyValueService service, ServerCallStreamObserver<ReplyBatch> client) {
        PipelineCall begun = new PipelineCall(service, client, reads, threads, loops.current(), calls, open::remove);
        open.add(begun);
        begun.begin();
        if (shuttingDown) {
            begun.goAway();
        }
        return begun;
    }

    /// Tells all clients to send no more calls.
    void goAway() {
        shuttingDown = true;
        open.forEach(PipelineCall::goAway);
    }
}
