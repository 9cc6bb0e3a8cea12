package io.caskade.server.door.grpc;

import io.caskade.api.v1.KeyValueGrpc.AsyncService;
import io.caskade.api.v1.ReplyBatch;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/// The pipelines that clients have open at this node. Safe for use by any thread.
final class Pipelines {

    private final Executor threads;
    private final CallsUnderWay calls;
    private final Set<PipelineCall> open = ConcurrentHashMap.newKeySet();

    private volatile boolean going;

    /// @param threads run what may wait for the disk
    /// @param calls   counts the calls on all of them
    Pipelines(Executor threads, CallsUnderWay calls) {
        this.threads = threads;
        this.calls = calls;
    }

    PipelineCall begin(AsyncService service, ServerCallStreamObserver<ReplyBatch> client) {
        PipelineCall begun = new PipelineCall(service, client, threads, calls, open::remove);
        open.add(begun);
        begun.begin();
        if (going) {
            begun.go();
        }
        return begun;
    }

    /// Tells all clients to send no more.
    void go() {
        going = true;
        open.forEach(PipelineCall::go);
    }
}
