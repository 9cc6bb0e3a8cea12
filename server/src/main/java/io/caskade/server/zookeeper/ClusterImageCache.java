package io.caskade.server.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.cluster.Versioned;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Maintains the newest cluster image from a cache of all znodes below its root. Coordinator thread only.
///
/// An unreadable znode is logged and ignored: one that was damaged by hand must not hide the others.
/// Compare-and-sets are still safe, since they are guarded by what is stored, not by the image.
final class ClusterImageCache implements AutoCloseable, CuratorCacheListener {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterImageCache.class);

    private final ZnodePaths paths;
    private final CoordinatorThread thread;
    private final CuratorCache cache;
    private final Consumer<ClusterImage> onImage;

    private final SortedMap<String, NodeInfo> nodes = new TreeMap<>();
    private final SortedMap<Integer, Versioned<PartitionState>> partitions = new TreeMap<>();
    private final SortedSet<String> draining = new TreeSet<>();
    private final Map<String, String> candidates = new HashMap<>();
    private @Nullable ClusterSettings settings;
    private @Nullable SharedSettings shared;
    private @Nullable ClusterImage newest;
    private final RareLog failedReads = new RareLog();
    private boolean initialized;
    private boolean publishing;
    private volatile boolean closed;

    ClusterImageCache(
            CuratorFramework client, ZnodePaths paths, CoordinatorThread thread, Consumer<ClusterImage> onImage) {
        this.paths = paths;
        this.thread = thread;
        this.onImage = onImage;
        this.cache = CuratorCache.builder(client, paths.root())
                .withExceptionHandler(this::onReadFailure)
                .build();
    }

    /// A read failed. Expected while the coordinator closes; otherwise the cache reads everything again after
    /// it reconnects.
    private void onReadFailure(Exception failure) {
        if (closed) {
            LOG.debug("not read, since the coordinator is closing", failure);
        } else if (failedReads.isDue("read")) {
            LOG.warn("cluster state may be stale until ZooKeeper answers: {}", failure.getMessage());
        }
    }

    /// Starts to read; the first image follows when everything was read and the cluster is formed.
    void start() {
        cache.listenable().addListener(this, thread);
        cache.start();
    }

    /// The newest image, if there is one.
    Optional<ClusterImage> newest() {
        return Optional.ofNullable(newest);
    }

    /// Applies a state that was read or written outside the cache, which may still be behind.
    void update(Versioned<PartitionState> partition) {
        if (applyIfNewer(partition)) {
            schedulePublish();
        }
    }

    @Override
    public void initialized() {
        initialized = true;
        schedulePublish();
    }

    @Override
    public void event(Type type, @Nullable ChildData before, @Nullable ChildData after) {
        ChildData either = after != null ? after : before;
        if (either == null) {
            return;
        }
        Optional<ZnodePaths.Subject> subject = paths.subject(either.getPath());
        if (subject.isEmpty()) {
            return;
        }
        try {
            if (type == Type.NODE_DELETED || after == null) {
                remove(subject.get());
            } else {
                apply(subject.get(), after);
            }
        } catch (ZnodeJson.UnreadableException e) {
            LOG.error("{} is ignored: its contents cannot be read", either.getPath(), e);
        }
        schedulePublish();
    }

    private void apply(ZnodePaths.Subject subject, ChildData stored) throws ZnodeJson.UnreadableException {
        switch (subject) {
            case ZnodePaths.Subject.Settings _ -> settings = ZnodeJson.readSettings(stored.getData());
            case ZnodePaths.Subject.Shared _ -> shared = ZnodeJson.readShared(stored.getData());
            case ZnodePaths.Subject.Node node -> nodes.put(node.id(), ZnodeJson.readNode(stored.getData(), node.id()));
            case ZnodePaths.Subject.Partition partition ->
                applyIfNewer(new Versioned<>(
                        ZnodeJson.readPartition(stored.getData(), partition.name()),
                        stored.getStat().getVersion()));
            case ZnodePaths.Subject.Draining mark -> draining.add(mark.node());
            case ZnodePaths.Subject.Candidate candidate ->
                candidates.put(candidate.name(), new String(stored.getData(), UTF_8));
        }
    }

    private void remove(ZnodePaths.Subject subject) {
        switch (subject) {
            case ZnodePaths.Subject.Settings _ -> LOG.error("the cluster's settings were removed from ZooKeeper");
            case ZnodePaths.Subject.Shared _ -> LOG.error("the settings of all nodes were removed from ZooKeeper");
            case ZnodePaths.Subject.Node node -> nodes.remove(node.id());
            case ZnodePaths.Subject.Partition partition ->
                partitions
                        .values()
                        .removeIf(known -> partition
                                .name()
                                .equals(Integer.toString(known.value().id())));
            case ZnodePaths.Subject.Draining mark -> draining.remove(mark.node());
            case ZnodePaths.Subject.Candidate candidate -> candidates.remove(candidate.name());
        }
    }

    private boolean applyIfNewer(Versioned<PartitionState> partition) {
        Versioned<PartitionState> known = partitions.get(partition.value().id());
        if (known != null && known.version() >= partition.version()) {
            return false;
        }
        partitions.put(partition.value().id(), partition);
        return true;
    }

    private void schedulePublish() {
        if (!publishing) {
            publishing = true;
            thread.execute(this::publish);
        }
    }

    private void publish() {
        publishing = false;
        if (!initialized || settings == null) {
            return;
        }
        ClusterImage image = new ClusterImage(settings, nodes, partitions, draining, controller(), shared);
        if (!image.equals(newest)) {
            newest = image;
            onImage.accept(image);
        }
    }

    /// The elected candidate is the one with the lowest number.
    private @Nullable String controller() {
        return candidates.entrySet().stream()
                .min(Comparator.comparing(candidate ->
                        candidate.getKey().substring(candidate.getKey().lastIndexOf('-') + 1)))
                .map(Map.Entry::getValue)
                .orElse(null);
    }

    @Override
    public void close() {
        closed = true;
        cache.close();
    }
}
