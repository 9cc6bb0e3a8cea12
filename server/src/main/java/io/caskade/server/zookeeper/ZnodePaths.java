package io.caskade.server.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The paths of a cluster's znodes.
///
/// @param root an absolute path without a trailing slash
record ZnodePaths(String root) {

    private static final String PARTITIONS = "/partitions";
    private static final String NODES = "/nodes";
    private static final String DRAINING = "/draining";

    String cluster() {
        return root + "/cluster";
    }

    String settings() {
        return root + "/settings";
    }

    String secret() {
        return root + "/secret";
    }

    String nodes() {
        return root + NODES;
    }

    String node(String id) {
        return nodes() + "/" + id;
    }

    String partitions() {
        return root + PARTITIONS;
    }

    String partition(int id) {
        return partitions() + "/" + id;
    }

    String draining() {
        return root + DRAINING;
    }

    String draining(String node) {
        return draining() + "/" + node;
    }

    String controller() {
        return root + "/controller";
    }

    String controllerEpoch() {
        return root + "/controller-epoch";
    }

    /// The root and its parents, outermost first.
    List<String> rootAndParents() {
        List<String> paths = new ArrayList<>();
        for (int slash = root.indexOf('/', 1); slash > 0; slash = root.indexOf('/', slash + 1)) {
            paths.add(root.substring(0, slash));
        }
        paths.add(root);
        return paths;
    }

    /// Whether a path is a parent of the root.
    boolean isAboveRoot(String path) {
        return root.startsWith(path + "/");
    }

    /// The subject of a path below the root; empty for paths without content.
    Optional<Subject> subject(String path) {
        if (path.equals(cluster())) {
            return Optional.of(new Subject.Settings());
        }
        if (path.equals(settings())) {
            return Optional.of(new Subject.Shared());
        }
        return childOf(nodes(), path)
                .<Subject>map(Subject.Node::new)
                .or(() -> childOf(partitions(), path).map(Subject.Partition::new))
                .or(() -> childOf(draining(), path).map(Subject.Draining::new))
                .or(() -> childOf(controller(), path).map(Subject.Candidate::new));
    }

    private static Optional<String> childOf(String parent, String path) {
        return path.startsWith(parent + "/") ? Optional.of(path.substring(parent.length() + 1)) : Optional.empty();
    }

    /// The subject of a znode.
    sealed interface Subject {

        record Settings() implements Subject {}

        record Shared() implements Subject {}

        record Node(String id) implements Subject {}

        record Partition(String name) implements Subject {}

        record Draining(String node) implements Subject {}

        record Candidate(String name) implements Subject {}
    }
}
