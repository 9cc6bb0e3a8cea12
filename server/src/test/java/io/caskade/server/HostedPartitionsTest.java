package io.caskade.server;

import static io.caskade.server.PartitionOnOneNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.Durability;
import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.ClusterSettings;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.Limits;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostedPartitionsTest {

    private static final ClusterImage NOTHING = ClusterImage.empty(new ClusterSettings("cluster", 1));

    private final PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC);
    private final CommandRouter router = new CommandRouter(1, new Limits(1 << 20));

    @Test
    void aPartitionThatIsAssignedElsewhereHearsOfIt() throws Exception {
        PartitionOnOneNode.Life life = node.open();
        HostedPartitions partitions = partitions(_ -> life.partition());
        partitions.imageChanged(NOTHING.with(node.coordinator.state()));
        await(partitions.ready().toCompletableFuture());

        PartitionState moved = PartitionState.withoutLeader(0, List.of("node-2"), 1)
                .withLeadership(new NodeIncarnation("node-2", "process"), 5, Set.of(new CopyId("node-2", "copy")));
        partitions.imageChanged(NOTHING.with(new Versioned<>(moved, 9)));

        assertThatThrownBy(() -> await(life.put("key", "value")))
                .satisfies(thrown -> assertThat(thrown instanceof CommandRefusedException ? thrown : thrown.getCause())
                        .hasMessageContaining("does not lead"));
        life.stop();
    }

    @Test
    void aFaultWhileACopyIsOpenedIsNotWaitedOut() {
        HostedPartitions partitions = partitions(_ -> {
            throw new IllegalStateException("a fault of the test's");
        });

        partitions.imageChanged(NOTHING.with(node.coordinator.state()));

        assertThatThrownBy(() -> await(partitions.ready().toCompletableFuture()))
                .hasRootCauseMessage("a fault of the test's");
    }

    @Test
    void nothingIsOpenedOnceTheNodeStops() throws Exception {
        HostedPartitions partitions = partitions(_ -> {
            throw new AssertionError("opened");
        });
        await(partitions.drain().toCompletableFuture());

        partitions.imageChanged(NOTHING.with(node.coordinator.state()));

        assertThat(partitions.ready().toCompletableFuture()).isNotDone();
    }

    private HostedPartitions partitions(HostedPartitions.Opener opener) {
        return new HostedPartitions("node-1", 1, router, opener, Runnable::run);
    }
}
