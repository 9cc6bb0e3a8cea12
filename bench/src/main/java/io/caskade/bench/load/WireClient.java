package io.caskade.bench.load;

import io.caskade.bench.time.Pause;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Speaks a protocol over a number of connections, in one thread, as `redis-benchmark` does. An operation goes
/// to a connection that has room for it, and waits for one if need be.
///
/// Thread-safe.
public final class WireClient implements LoadClient {

    private record Operation(long number, CompletableFuture<Void> end) {}

    private final Selector selector;
    private final List<WireConnection> connections;
    private final Queue<Operation> inbox = new ConcurrentLinkedQueue<>();
    private final Thread loop;

    /// Connections, each as often as it has room for another request; the one that had a reply last comes
    /// first.
    private final Deque<WireConnection> room;

    private final Deque<Operation> waiting = new ArrayDeque<>();
    private final Set<WireConnection> unflushed = new LinkedHashSet<>();

    private volatile boolean closed;

    private WireClient(Selector selector, List<WireConnection> connections, int pipeline) {
        this.selector = selector;
        this.connections = connections;
        this.room = new ArrayDeque<>(connections.size() * pipeline);
        for (int depth = 0; depth < pipeline; depth++) {
            room.addAll(connections);
        }
        this.loop = Thread.ofPlatform().name("wire client").daemon().unstarted(this::loop);
    }

    /// Connects.
    ///
    /// @param targets share the connections evenly
    /// @param pipeline how many requests a connection has in flight at most
    public static WireClient open(
            WireProtocol protocol, List<Target> targets, int connections, int pipeline, RequestPlan plan)
            throws IOException {
        Selector selector = Selector.open();
        List<WireConnection> opened = new ArrayList<>();
        try {
            for (int i = 0; i < connections; i++) {
                opened.add(new WireConnection(targets.get(i % targets.size()), protocol, plan, selector));
            }
        } catch (IOException e) {
            close(selector, opened);
            throw e;
        }
        WireClient client = new WireClient(selector, opened, pipeline);
        client.loop.start();
        return client;
    }

    @Override
    public CompletableFuture<?> start(long number) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        inbox.add(new Operation(number, end));
        if (!loop.equals(Thread.currentThread())) {
            selector.wakeup();
        }
        return end;
    }

    private void loop() {
        try {
            while (!closed) {
                selector.select(this::onReady);
                assign();
                unflushed.forEach(connection -> connection.flush(this::onEnd));
                unflushed.clear();
                if (!inbox.isEmpty()) {
                    selector.wakeup();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void onReady(SelectionKey key) {
        WireConnection connection = (WireConnection) key.attachment();
        if (key.isReadable()) {
            connection.receive(this::onEnd);
        }
        // What could not be written all at once; to write nothing does no harm.
        unflushed.add(connection);
    }

    private void onEnd(WireConnection connection) {
        room.push(connection);
    }

    private void assign() {
        for (Operation next = inbox.poll(); next != null; next = inbox.poll()) {
            waiting.add(next);
        }
        while (!waiting.isEmpty() && !room.isEmpty()) {
            WireConnection connection = room.pop();
            Operation operation = waiting.remove();
            connection.add(operation.number(), operation.end(), this::onEnd);
            unflushed.add(connection);
        }
    }

    /// Disconnects. Operations in flight do not end.
    @Override
    public void close() throws IOException {
        closed = true;
        selector.wakeup();
        Pause.until(loop);
        close(selector, connections);
    }

    private static void close(Selector selector, List<WireConnection> connections) throws IOException {
        for (WireConnection connection : connections) {
            connection.close();
        }
        selector.close();
    }
}
