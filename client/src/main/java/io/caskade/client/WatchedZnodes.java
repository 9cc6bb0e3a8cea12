package io.caskade.client;

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

/// Messages that ZooKeeper holds as JSON: each is read when it is first asked for and remembered until a watch
/// says that it changed, the session is lost or somebody found that it does not hold. While ZooKeeper is away
/// the last one known is good enough: partitions go on serving without it.
///
/// Safe for use by any thread.
final class WatchedZnodes<M extends Message> {

    private static final JsonFormat.Parser JSON = JsonFormat.parser().ignoringUnknownFields();

    /// How long a reading may take before what was known last does instead: a ZooKeeper that has just gone away is
    /// not noticed at once.
    private static final long PATIENCE_MILLIS = 500;

    private final ZooKeeperLink zookeeper;
    private final M prototype;
    private final AtomicLong readings = new AtomicLong();
    private final ConcurrentMap<String, CompletableFuture<Seen<M>>> current = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Seen<M>> lastKnown = new ConcurrentHashMap<>();

    /// A message as it was read at one time.
    ///
    /// @param path    where
    /// @param message what
    /// @param reading which of all readings it was
    /// @param changed completes when a watch says that something else is there now; not for others to complete
    record Seen<M>(String path, M message, long reading, CompletableFuture<Void> changed) {}

    WatchedZnodes(ZooKeeperLink zookeeper, M prototype) {
        this.zookeeper = zookeeper;
        this.prototype = prototype;
        zookeeper.onLost(current::clear);
    }

    /// What is at a path. The future is shared: derive from it, never complete it.
    ///
    /// @return fails with [KeeperException.NoNodeException] when nothing is there, with
    ///     [InvalidProtocolBufferException] when it is not what it should be, and otherwise as
    ///     [ZooKeeperLink#data(String, Runnable)] does
    CompletableFuture<Seen<M>> get(String path) {
        CompletableFuture<Seen<M>> known = current.get(path);
        CompletableFuture<Seen<M>> reading = known != null ? known : read(path);
        Seen<M> last = lastKnown.get(path);
        if (reading.isDone() || last == null) {
            return reading;
        }
        return zookeeper.connected()
                ? reading.copy().completeOnTimeout(last, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                : CompletableFuture.completedFuture(last);
    }

    /// What is at a path as far as it is known without waiting. If it is not, or not any more, it is read for whoever
    /// asks next.
    Optional<Seen<M>> known(String path) {
        if (!zookeeper.connected()) {
            return Optional.empty();
        }
        CompletableFuture<Seen<M>> known = current.get(path);
        CompletableFuture<Seen<M>> reading = known != null ? known : read(path);
        return reading.state() == Future.State.SUCCESS ? Optional.of(reading.resultNow()) : Optional.empty();
    }

    private CompletableFuture<Seen<M>> read(String path) {
        CompletableFuture<Seen<M>> reading = new CompletableFuture<>();
        CompletableFuture<Seen<M>> other = current.putIfAbsent(path, reading);
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
                    Seen<M> seen = new Seen<>(path, parse(json), readings.incrementAndGet(), changed);
                    lastKnown.put(path, seen);
                    reading.complete(seen);
                })
                .exceptionally(failure -> {
                    current.remove(path, reading);
                    failed(path, reading, failure);
                    return null;
                });
        return reading;
    }

    private void failed(String path, CompletableFuture<Seen<M>> reading, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof KeeperException.NoNodeException) {
            lastKnown.remove(path);
        }
        Seen<M> last = cause instanceof KeeperException ? lastKnown.get(path) : null;
        if (last != null) {
            reading.complete(last);
        } else {
            reading.completeExceptionally(cause);
        }
    }

    /// Has a message read again when it is next asked for, unless it has been since it was `seen`.
    void doubt(Seen<M> seen) {
        current.computeIfPresent(seen.path(), (_, future) -> isReading(future, seen.reading()) ? null : future);
    }

    private static <M> boolean isReading(CompletableFuture<Seen<M>> future, long reading) {
        return future.state() == Future.State.SUCCESS && future.resultNow().reading() == reading;
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
