package io.caskade.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.caskade.api.v1.ClusterSettings;
import io.caskade.api.v1.CopyId;
import io.caskade.api.v1.Endpoint;
import io.caskade.api.v1.NodeIncarnation;
import io.caskade.api.v1.NodeRegistration;
import io.caskade.api.v1.PartitionState;
import io.caskade.settings.HostPorts;
import io.caskade.testing.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;

/// A real ZooKeeper with the znodes of a cluster, and the nodes that a test registers.
public final class FakeCluster implements AutoCloseable {

    public static final String NODE = "node-1";
    public static final String INCARNATION = "first-start";

    private final TestingServer zookeeper;
    private final CuratorFramework curator;
    private final FakeNode node;
    private final int partitions;

    /// One node, `node-1`, that leads every partition.
    public FakeCluster(int partitions) throws Exception {
        this.partitions = partitions;
        this.zookeeper = new TestingServer(FreePorts.next());
        this.node = new FakeNode(partitions);
        this.curator = CuratorFrameworkFactory.newClient(zookeeper.getConnectString(), new RetryOneTime(100));
        curator.start();
        write(
                "/cluster",
                ClusterSettings.newBuilder()
                        .setClusterId("5f0c4b1e-0000-4000-8000-000000000000")
                        .setPartitions(partitions)
                        .build());
        register(NODE, INCARNATION, node.port());
        lead(NODE, INCARNATION, 1);
    }

    public FakeNode node() {
        return node;
    }

    public TestingServer zookeeper() {
        return zookeeper;
    }

    public String connectString() {
        return zookeeper.getConnectString();
    }

    /// A configuration that finds this cluster.
    public ClientConfig config() {
        ClientConfig config = ClientConfig.defaults().withZooKeeper(HostPorts.parse(connectString()));
        return new ClientConfig(
                config.zookeeper(), Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(5));
    }

    /// Registers a process that serves gRPC at a port of loopback.
    public void register(String id, String incarnation, int port) throws Exception {
        write(
                "/nodes/" + id,
                NodeRegistration.newBuilder()
                        .setId(id)
                        .setIncarnation(incarnation)
                        .setVersion("test")
                        .setGrpc(Endpoint.newBuilder().setHost("127.0.0.1").setPort(port))
                        .build());
    }

    /// Makes one process the leader of every partition.
    public void lead(String id, String incarnation, int epoch) throws Exception {
        for (int partition = 0; partition < partitions; partition++) {
            lead(partition, id, incarnation, epoch);
        }
    }

    /// Makes a process the leader of one partition.
    public void lead(int partition, String id, String incarnation, int epoch) throws Exception {
        write(
                "/partitions/" + partition,
                state(partition, epoch)
                        .setLeader(NodeIncarnation.newBuilder().setNode(id).setIncarnation(incarnation))
                        .build());
    }

    /// Leaves every partition without a leader.
    public void clearLeaders(int epoch) throws Exception {
        for (int partition = 0; partition < partitions; partition++) {
            write("/partitions/" + partition, state(partition, epoch).build());
        }
    }

    private static PartitionState.Builder state(int partition, int epoch) {
        return PartitionState.newBuilder()
                .setId(partition)
                .setEpoch(epoch)
                .setMinInSync(1)
                .addReplicas(NODE)
                .addInSync(CopyId.newBuilder().setNode(NODE).setCopy("copy"));
    }

    /// Writes a message of the contract at a path below the root.
    public void write(String path, Message message) throws Exception {
        write(path, json(message));
    }

    /// Writes any text at a path below the root.
    public void write(String path, String text) throws Exception {
        curator.create()
                .orSetData()
                .creatingParentsIfNeeded()
                .forPath("/caskade" + path, text.getBytes(StandardCharsets.UTF_8));
    }

    /// Removes what is at a path below the root.
    public void remove(String path) throws Exception {
        curator.delete().deletingChildrenIfNeeded().forPath("/caskade" + path);
    }

    private static String json(Message message) throws InvalidProtocolBufferException {
        return JsonFormat.printer().omittingInsignificantWhitespace().print(message);
    }

    @Override
    public void close() throws IOException {
        node.close();
        curator.close();
        zookeeper.close();
    }
}
