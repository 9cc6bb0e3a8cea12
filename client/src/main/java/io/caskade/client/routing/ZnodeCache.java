package io.caskade.client.routing;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.zookeeper.KeeperException;

/// A cache of messages that ZooKeeper holds as JSON. Each is read on first use and kept until a watch reports
/// a change, the session is lost, or a caller invalidates it. While ZooKeeper is unreachable the last known
/// message is used, since partitions keep serving without ZooKeeper.
///
/// Thread-safe.
final class ZnodeCache<M extends Message> {

    private static final JsonFormat.Parser JSON = JsonFormat.parser().ignoringUnknownFields();

    /// How long a read may take before the last known message is used instead: a lost ZooKeeper is not
    /// noticed at once.
    private static final long READ_TIMEOUT_MILLIS = 500;

    private final ZooKeeperConnection zookeeper;
    private final M prototype;
    private final AtomicLong reads = new AtomicLong();
    private final ConcurrentMap<String, CompletableFuture<Snapshot<M>>> current = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Snapshot<M>> lastKnown = new ConcurrentHashMap<>();

    /// A message as it was when it was read.
    ///
    /// @param path       the znode's path
    /// @param message    its content
    /// @param readNumber tells reads apart
    /// @param changed    completes when a watch reports a change; never complete it from outside
    record Snapshot<M>(String path, M message, long readNumber, CompletableFuture<Void> changed) {}

    ZnodeCache(ZooKeeperConnection zookeeper, M prototype) {
        this.zookeeper = zookeeper;
        this.prototype = prototype;
        zookeeper.onLost(current::clear);
    }

    /// The message at a path. The future is shared: derive from it, never complete it.
    ///
    /// @return fails with [KeeperException.NoNodeException] when there is no such znode, with
    ///     [InvalidProtocolBufferException] when its content is malformed, and otherwise like
    ///     [ZooKeeperConnection#data(String, Runnable)]
    CompletableFuture<Snapshot<M>> get(String path) {
        CompletableFuture<Snapshot<M>> known = current.get(path);
        CompletableFuture<Snapshot<M>> reading = known != null ? known : read(path);
        Snapshot<M> last = lastKnown.get(path);
        if (reading.isDone() || last == null) {
            return reading;
        }
        return zookeeper.isConnected()
                ? reading.copy().completeOnTimeout(last, READ_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                : CompletableFuture.completedFuture(last);
    }

    /// The message at a path if it is cached. Never waits; a missing message is read in the background for
    /// the next caller.
    Optional<Snapshot<M>> getNow(String path) {
        if (!zookeeper.isConnected()) {
            return Optional.empty();
        }
        CompletableFuture<Snapshot<M>> known = current.get(path);
        CompletableFuture<Snapshot<M>> reading = known != null ? known : read(path);
        return reading.state() == Future.State.SUCCESS ? Optional.of(reading.resultNow()) : Optional.empty();
    }

    private CompletableFuture<Snapshot<M>> read(String path) {
        CompletableFuture<Snapshot<M>> reading = new CompletableFuture<>();
        CompletableFuture<Snapshot<M>> other = current.putIfAbsent(path, reading);
        if (other != null) {
            return other;
        }
        CompletableFuture<Void> changed = new CompletableFuture<>();
        var _ = zookeeper
                .data(path, () -> {
                    current.remove(path, reading);
                    changed.complete(null);
                })
                .thenAccept(json -> {
                    Snapshot<M> snapshot = new Snapshot<>(path, parse(json), reads.incrementAndGet(), changed);
                    lastKnown.put(path, snapshot);
                    reading.complete(snapshot);
                })
                .exceptionally(failure -> {
                    current.remove(path, reading);
                    onFailure(path, reading, failure);
                    return null;
                });
        return reading;
    }

    private void onFailure(String path, CompletableFuture<Snapshot<M>> reading, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof KeeperException.NoNodeException) {
            lastKnown.remove(path);
        }
        Snapshot<M> last = cause instanceof KeeperException ? lastKnown.get(path) : null;
        if (last != null) {
            reading.complete(last);
        } else {
            reading.completeExceptionally(cause);
        }
    }

    /// Whether [#get] would give this very reading.
    boolean isCurrent(Snapshot<M> snapshot) {
        CompletableFuture<Snapshot<M>> known = current.get(snapshot.path());
        return known != null && isResultOf(known, snapshot.readNumber());
    }

    /// Drops a message so that its next use reads it again, unless it was already read again since `snapshot`.
    void invalidate(Snapshot<M> snapshot) {
        current.computeIfPresent(
                snapshot.path(), (_, future) -> isResultOf(future, snapshot.readNumber()) ? null : future);
    }

    private static <M> boolean isResultOf(CompletableFuture<Snapshot<M>> future, long readNumber) {
        return future.state() == Future.State.SUCCESS && future.resultNow().readNumber() == readNumber;
    }

    @SuppressWarnings("unchecked") // A prototype's builder builds what the prototype is.
    private M parse(byte[] json) {
        Message.Builder builder = prototype.newBuilderForType();
        try {
            JSON.merge(new String(json, StandardCharsets.UTF_8), builder);
        } catch (InvalidProtocolBufferException e) {
            throw new CompletionException(e);
        }
        return (M) builder.build();
    }
}
