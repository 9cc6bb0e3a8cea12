package io.caskade.server.listener.redis.command;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// The connected clients of a listener, by their numbers. Thread-safe.
public final class Clients {

    private final LongSupplier nanoTime;
    private final boolean redirected;
    private final AtomicLong last = new AtomicLong();
    private final Map<Long, Client> connected = new ConcurrentSkipListMap<>();
    private final ClientPause pause;

    /// @param nanoTime the monotonic clock
    public Clients(LongSupplier nanoTime) {
        this(nanoTime, false);
    }

    /// @param nanoTime the monotonic clock
    /// @param redirected whether each is in cluster mode from the start
    public Clients(LongSupplier nanoTime, boolean redirected) {
        this.nanoTime = nanoTime;
        this.redirected = redirected;
        this.pause = new ClientPause(nanoTime);
    }

    /// What lets their commands wait.
    public ClientPause pause() {
        return pause;
    }

    /// Adds a client.
    ///
    /// @param address where it comes from, `host:port`
    /// @param localAddress where it is connected to
    /// @param close closes its connection, from any thread
    public Client add(String address, String localAddress, Runnable close) {
        Client client = new Client(last.incrementAndGet(), address, localAddress, close, nanoTime, redirected);
        connected.put(client.id(), client);
        return client;
    }

    /// Removes a client that is gone. Idempotent.
    public void remove(Client client) {
        connected.remove(client.id());
    }

    Collection<Client> all() {
        return Collections.unmodifiableCollection(connected.values());
    }
}
