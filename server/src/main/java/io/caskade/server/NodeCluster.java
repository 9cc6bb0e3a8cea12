package io.caskade.server;

import io.caskade.bitcask.disk.FailureText;
import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.ClusterSecret;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.config.ServerConfig;
import io.caskade.server.config.ZooKeeperConfig;
import io.caskade.server.controller.Controller;
import io.caskade.server.controller.Policy;
import io.caskade.server.controller.ReplicationPolicy;
import io.caskade.server.lifecycle.NodeDirectory;
import io.caskade.server.lifecycle.SharedConfig;
import io.caskade.server.lifecycle.ShutdownSequence;
import io.caskade.server.lifecycle.StartupException;
import io.caskade.server.zookeeper.CuratorCoordinator;
import io.caskade.server.zookeeper.EmbeddedZooKeeper;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// A node's place in its cluster: the session with ZooKeeper, what the cluster was formed with, the settings
/// that all nodes share, and then the node's registration and its candidacy for controller.
final class NodeCluster {

    private final NodeIncarnation self;
    private final NodeFailure failure;
    private final ShutdownSequence shutdown;
    private final ZooKeeperConfig zookeeper;
    private final CuratorCoordinator coordinator;
    private final BootstrapData bootstrap;
    private final ServerConfig config;

    private NodeCluster(
            ServerConfig file,
            NodeIncarnation self,
            NodeDirectory directory,
            NodeFailure failure,
            ShutdownSequence shutdown)
            throws StartupException, InterruptedException {
        this.self = self;
        this.failure = failure;
        this.shutdown = shutdown;
        this.zookeeper = zookeeper(file.zookeeper(), directory);
        this.coordinator = connect(directory);
        this.bootstrap = bootstrap(file, directory);
        directory.claim(bootstrap.settings().clusterId(), self.node());
        this.config = followCluster(file);
    }

    /// Connects with the cluster, or forms it, and marks the directory as this node's.
    ///
    /// @param file the node's own configuration
    static NodeCluster connect(
            ServerConfig file,
            NodeIncarnation self,
            NodeDirectory directory,
            NodeFailure failure,
            ShutdownSequence shutdown)
            throws StartupException, InterruptedException {
        return new NodeCluster(file, self, directory, failure, shutdown);
    }

    private ZooKeeperConfig zookeeper(ZooKeeperConfig wanted, NodeDirectory directory)
            throws StartupException, InterruptedException {
        if (!wanted.embedded()) {
            return wanted;
        }
        try {
            EmbeddedZooKeeper server = EmbeddedZooKeeper.start(
                    wanted.connect().all().getFirst(),
                    directory.zookeeper(),
                    reason -> failure.report(new StartupException(reason)));
            shutdown.push("the embedded ZooKeeper", server);
            return wanted.at(server.address());
        } catch (IOException e) {
            throw new StartupException(FailureText.of(e), e);
        }
    }

    private CuratorCoordinator connect(NodeDirectory directory) throws StartupException, InterruptedException {
        try {
            CuratorCoordinator connected = CuratorCoordinator.connect(zookeeper, directory.session(), failure::report);
            shutdown.push("the session with ZooKeeper", connected);
            return connected;
        } catch (CoordinationException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
    }

    /// Only a node whose directory belongs to no cluster yet may form one: where ZooKeeper's data are lost, a
    /// new cluster would stand in the way of the one to be restored.
    private BootstrapData bootstrap(ServerConfig file, NodeDirectory directory)
            throws StartupException, InterruptedException {
        Optional<String> owner = directory.owner();
        if (owner.isPresent()) {
            return failure.await(coordinator.lookUp(), "the cluster's settings")
                    .orElseThrow(() -> new StartupException(lostCluster(file, directory, owner.get())));
        }
        byte[] seed = new byte[ClusterSecret.SEED_BYTES];
        new SecureRandom().nextBytes(seed);
        ClusterSettings proposed =
                new ClusterSettings(UUID.randomUUID().toString(), file.cluster().partitions());
        return failure.await(
                coordinator.bootstrap(new BootstrapData(proposed, new ClusterSecret(seed))), "the cluster's settings");
    }

    private static String lostCluster(ServerConfig file, NodeDirectory directory, String owner) {
        ZooKeeperConfig settings = file.zookeeper();
        return "zookeeper.connect " + settings.connect() + ": there is no cluster at zookeeper.root "
                + settings.root() + ", but data-dir " + file.dataDir() + " belongs to " + owner
                + ": either these settings are not the cluster's, or ZooKeeper's data are lost; nothing was changed."
                + " Restore ZooKeeper's data"
                + (settings.embedded() ? ", which were in " + directory.zookeeper() + "," : "")
                + " from a backup, or see \"ZooKeeper's data are lost\" in docs/operations.md";
    }

    private ServerConfig followCluster(ServerConfig file) throws StartupException, InterruptedException {
        SharedSettings shared = failure.await(coordinator.seedSettings(SharedConfig.of(file)), "the cluster's settings")
                .value();
        return SharedConfig.follow(file, bootstrap.settings().partitions(), shared);
    }

    NodeIncarnation self() {
        return self;
    }

    CuratorCoordinator coordinator() {
        return coordinator;
    }

    BootstrapData bootstrap() {
        return bootstrap;
    }

    /// The number of the cluster's partitions.
    int partitions() {
        return bootstrap.settings().partitions();
    }

    /// The node's configuration with the cluster's settings in place of its own.
    ServerConfig config() {
        return config;
    }

    /// Where ZooKeeper is.
    String zookeeper() {
        return zookeeper.connect().toString();
    }

    /// Shows the node to the others, until it shuts down.
    void register(NodeAddresses addresses) throws StartupException, InterruptedException {
        NodeInfo info = new NodeInfo(
                self.node(),
                self.incarnation(),
                config.node().rack(),
                addresses.grpc().advertised(),
                addresses.replication().advertised(),
                addresses.redis().map(ListenerAddress::advertised).orElse(null),
                addresses.http().map(ListenerAddress::advertised).orElse(null),
                Version.current());
        failure.await(coordinator.register(info), "its registration");
        shutdown.push(
                "the registration",
                () -> coordinator.unregister().toCompletableFuture().get());
    }

    /// Has the node become the cluster's controller when it is elected, until it shuts down.
    void joinControllerElection() {
        ReplicationPolicy replication = new ReplicationPolicy(
                config.cluster().replicationFactor(), config.cluster().minInsync());
        Policy policy = new Policy(
                replication,
                config.cluster().replaceAfter().toMillis(),
                config.cluster().autoBalanceLeaders(),
                Policy.STABLE_LEADER_MILLIS,
                Policy.ABSENCE_MILLIS);
        new Controller(coordinator, self.node(), policy, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()))
                .start();
        shutdown.push(
                "the controller",
                () -> coordinator
                        .leaveControllerElection()
                        .toCompletableFuture()
                        .get());
    }
}
