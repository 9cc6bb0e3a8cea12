package io.caskade.bench.cluster;

import io.caskade.bench.time.Pause;
import io.caskade.client.AsyncCaskadeClient;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClusterView;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.function.Predicate;

/// Asks what the cluster looks like, and waits until it looks as wanted. For one thread.
final class ClusterWatch {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private final AsyncCaskadeClient client;

    ClusterWatch(AsyncCaskadeClient client) {
        this.client = client;
    }

    /// What ZooKeeper says now.
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

    /// Waits for a state of the cluster; ZooKeeper may be away meanwhile.
    ///
    /// @param wanted in words
    /// @return the first view that is as wanted
    /// @throws IllegalStateException when that takes longer than `patience`
    ClusterView await(String wanted, Duration patience, Predicate<ClusterView> isSo) {
        long begin = System.nanoTime();
        while (true) {
            String last;
            try {
                ClusterView view = view();
                if (isSo.test(view)) {
                    return view;
                }
                last = describe(view);
            } catch (CaskadeException e) {
                last = e.getMessage();
            }
            if (System.nanoTime() - begin > patience.toNanos()) {
                throw new IllegalStateException(
                        "not so after " + patience.toSeconds() + " s: " + wanted + "; the cluster: " + last);
            }
            Pause.of(BETWEEN_LOOKS);
        }
    }

    /// Waits until every partition has a leader, a running one, and all its replicas in sync.
    ClusterView awaitWhole(Duration patience) {
        return await("all replicas are in sync", patience, ClusterWatch::isWhole);
    }

    static boolean isWhole(ClusterView view) {
        return !view.partitions().isEmpty()
                && view.partitions().stream().allMatch(partition -> isWhole(view, partition));
    }

    private static boolean isWhole(ClusterView view, ClusterView.Partition partition) {
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
                    .append(partition.leader().map(ClusterView.Leader::node).orElse("nobody"))
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
