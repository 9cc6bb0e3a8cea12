package io.caskade.bench.cluster;

import io.caskade.bench.time.Pause;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClusterView;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/// Reads the cluster's state and waits for conditions on it. For one thread.
final class ClusterWatch {

    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

    private final AsyncCaskadeClient client;

    ClusterWatch(AsyncCaskadeClient client) {
        this.client = client;
    }

    /// The current state in ZooKeeper.
    ///
    /// @throws CaskadeException when it cannot be asked
    ClusterView view() {
        try {
            return client.cluster().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CaskadeException known) {
                throw known;
            }
            throw e;
        }
    }

    /// Waits for a condition; ZooKeeper may be down meanwhile.
    ///
    /// @param wanted the condition in words
    /// @return the first view that meets it
    /// @throws IllegalStateException when that takes longer than `timeout`
    ClusterView await(String wanted, Duration timeout, Predicate<ClusterView> condition) {
        long begin = System.nanoTime();
        while (true) {
            String last;
            try {
                ClusterView view = view();
                if (condition.test(view)) {
                    return view;
                }
                last = describe(view);
            } catch (CaskadeException e) {
                last = e.getMessage();
            }
            if (System.nanoTime() - begin > timeout.toNanos()) {
                throw new IllegalStateException(
                        "timed out after " + timeout.toSeconds() + " s: " + wanted + "; the cluster: " + last);
            }
            Pause.of(POLL_INTERVAL);
        }
    }

    /// Waits until every partition has a leader, a running one, and all its replicas in sync.
    ClusterView awaitHealthy(Duration timeout) {
        return await("all replicas are in sync", timeout, ClusterWatch::isHealthy);
    }

    static boolean isHealthy(ClusterView view) {
        return !view.partitions().isEmpty()
                && view.partitions().stream().allMatch(partition -> isHealthy(view, partition));
    }

    private static boolean isHealthy(ClusterView view, ClusterView.Partition partition) {
        boolean led = partition
                .leader()
                .flatMap(leader -> view.node(leader.node())
                        .filter(node -> node.incarnation().equals(leader.incarnation())))
                .isPresent();
        return led && partition.inSync().containsAll(partition.replicas());
    }

    /// How many partitions a node leads.
    static long ledBy(ClusterView view, String node) {
        return view.partitions().stream()
                .filter(partition -> partition
                        .leader()
                        .filter(leader -> leader.node().equals(node))
                        .isPresent())
                .count();
    }

    private static String describe(ClusterView view) {
        StringBuilder text = new StringBuilder();
        for (ClusterView.Partition partition : view.partitions()) {
            text.append("partition ")
                    .append(partition.id())
                    .append(" led by ")
                    .append(partition.leader().map(ClusterView.Leader::node).orElse("no node"))
                    .append(", in sync ")
                    .append(partition.inSync())
                    .append("; ");
        }
        return text.append(view.nodes().size()).append(" nodes").toString();
    }

    /// The cluster in a line: what figures depend on.
    static String shape(AsyncCaskadeClient client) {
        ClusterView view = new ClusterWatch(client).view();
        int replicas = view.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .max()
                .orElse(0);
        int minInSync = view.partitions().stream()
                .mapToInt(ClusterView.Partition::minInSync)
                .max()
                .orElse(0);
        return view.nodes().size() + " nodes, " + view.partitions().size() + " partitions, " + replicas
                + " replicas each, min-insync " + minInSync;
    }
}
