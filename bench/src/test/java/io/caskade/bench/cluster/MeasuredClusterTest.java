package io.caskade.bench.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bench.process.LoopbackPorts;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeasuredClusterTest {

    @Test
    void aClusterIsRunningWhereAnyOfItsZooKeepersListens() throws Exception {
        HostPort silent = LoopbackPorts.free(1).getFirst();
        try (ServerSocket zookeeper = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HostPort listening = new HostPort("127.0.0.1", zookeeper.getLocalPort());

            assertThat(MeasuredCluster.isRunning(new HostPorts(List.of(silent, listening))))
                    .isTrue();
        }
        assertThat(MeasuredCluster.isRunning(HostPorts.of(silent))).isFalse();
    }
}
