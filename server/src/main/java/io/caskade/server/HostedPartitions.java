package io.caskade.server;

import io.caskade.server.admin.CopyStatus;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeIdTakenException;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.lifecycle.StartupException;
import io.caskade.server.replica.Message;
import io.caskade.server.transport.MessageReceiver;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The partitions this node keeps copies of: opened when an image assigns them, told of every change of their
/// state.
///
/// What other nodes' copies say is brought to theirs here. The observer's methods are for the coordinator's
/// delivery; the rest is for any thread.
final class HostedPartitions implements Coordinator.Observer, MessageReceiver {

    private static final Logger LOG = LoggerFactory.getLogger(HostedPartitions.class);

    /// Opens this node's copy of a partition; may block.
    interface Opener {
        HostedPartition open(int partition) throws IOException;
    }

    private final String node;
    private final CommandRouter router;
    private final Opener opener;
    private final Executor workers;
    private final Map<Integer, HostedPartition> hosted = new ConcurrentHashMap<>();
    private final Map<Integer, CompletableFuture<Void>> settled = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> ready;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    /// Used on the delivery alone.
    private final Set<Integer> opening = new HashSet<>();

    private volatile @Nullable ClusterImage newest;
    private volatile boolean stopping;

    HostedPartitions(String node, int partitions, CommandRouter router, Opener opener, Executor workers) {
        this.node = node;
        this.router = router;
        this.opener = opener;
        this.workers = workers;
        IntStream.range(0, partitions).forEach(id -> settled.put(id, new CompletableFuture<>()));
        this.ready = CompletableFuture.allOf(settled.values().toArray(CompletableFuture[]::new));
    }

    /// Completes when all partitions exist and those of this node serve or
    /// are fed by their leaders; fails with a [StartupException] when
    /// one of them never will.
    CompletionStage<Void> ready() {
        return ready.copy();
    }

    /// Completes, with an exception only, when this process must not go on.
    CompletionStage<Void> failed() {
        return failed.copy();
    }

    @Override
    public void imageChanged(ClusterImage image) {
        newest = image;
        image.partitions().forEach((id, state) -> {
            boolean assigned = state.value().isReplica(node);
            if (assigned && !stopping && opening.add(id)) {
                workers.execute(() -> open(id));
            } else {
                // Also when it is assigned no more: a leader must hear that it does not lead.
                tell(id, state);
            }
            if (!assigned) {
                settle(id).complete(null);
            }
        });
    }

    @Override
    public void onMessage(NodeIncarnation sender, int partition, Message message) {
        HostedPartition copy = hosted.get(partition);
        if (copy != null) {
            copy.received(sender, message);
        }
    }

    @Override
    public void onDisconnected(String lostNode) {
        hosted.values().forEach(partition -> partition.lost(lostNode));
    }

    @Override
    public void registrationRefused(NodeIdTakenException refusal) {
        failed.completeExceptionally(new StartupException(String.valueOf(refusal.getMessage()), refusal));
    }

    private CompletableFuture<Void> settle(int id) {
        return settled.computeIfAbsent(id, _ -> new CompletableFuture<>());
    }

    private void tell(int id, Versioned<PartitionState> state) {
        HostedPartition partition = hosted.get(id);
        if (partition != null) {
            partition.stateChanged(state);
        }
    }

    private void open(int id) {
        try {
            HostedPartition partition = opener.open(id);
            partition.settledIn().whenComplete((_, failure) -> {
                if (failure == null) {
                    settle(id).complete(null);
                } else {
                    settle(id).completeExceptionally(failure);
                }
            });
            hosted.put(id, partition);
            router.host(id, partition.commands());
            // Images that came while the copy was being opened were told to nobody.
            ClusterImage image = newest;
            if (image != null) {
                image.partition(id).ifPresent(partition::stateChanged);
            }
        } catch (IOException e) {
            LOG.error("partition {}: cannot be opened: {}", id, e.getMessage());
            settle(id).completeExceptionally(new StartupException("partition " + id + ": " + e.getMessage(), e));
        } catch (RuntimeException | Error e) {
            LOG.error("partition {}: cannot be opened: the node has a fault", id, e);
            settle(id).completeExceptionally(new StartupException("partition " + id + ": cannot be opened: " + e, e));
        }
    }

    /// All that are open now.
    Collection<HostedPartition> all() {
        return hosted.values();
    }

    /// The newest image, once there is one.
    Optional<ClusterImage> image() {
        return Optional.ofNullable(newest);
    }

    /// How each copy is, when its loop has said so.
    List<CompletableFuture<CopyStatus>> statuses() {
        Optional<ClusterImage> image = image();
        return hosted.entrySet().stream()
                .map(partition -> partition
                        .getValue()
                        .status(image.flatMap(known -> known.partition(partition.getKey()))
                                .map(Versioned::value)))
                .toList();
    }

    /// To be called a few times a second.
    void tick() {
        long now = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        hosted.values().forEach(partition -> partition.tick(now));
    }

    /// Takes nothing new and completes when all that was under way is answered.
    CompletionStage<Void> drain() {
        stopping = true;
        return CompletableFuture.allOf(hosted.values().stream()
                .map(partition -> partition.drain().toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    /// Closes all files. The loops and the workers must have been stopped.
    void close() throws IOException {
        IOException first = null;
        for (HostedPartition partition : hosted.values()) {
            try {
                partition.close();
            } catch (IOException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
