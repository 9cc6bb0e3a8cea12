package io.caskade.server.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.settings.HostPort;
import io.caskade.testing.FreePorts;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.management.ObjectName;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedZooKeeperTest {

    private static final HostPort ANY_PORT = HostPort.parse("127.0.0.1:0");

    @TempDir
    private Path directory;

    @Test
    void znodesSurviveARestart() throws Exception {
        try (EmbeddedZooKeeper first = start(ANY_PORT)) {
            try (RawClient client = new RawClient(first.address())) {
                client.zooKeeper().create("/kept", new byte[] {42}, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
            }
        }
        try (EmbeddedZooKeeper second = start(ANY_PORT)) {
            try (RawClient client = new RawClient(second.address())) {
                assertThat(client.zooKeeper().getData("/kept", false, null)).containsExactly(42);
            }
        }
    }

    @Test
    void itServesSoonAfterTheStart() throws Exception {
        long before = System.nanoTime();
        try (EmbeddedZooKeeper server = start(ANY_PORT);
                RawClient client = new RawClient(server.address())) {
            assertThat(client.zooKeeper().getState().isConnected()).isTrue();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void anAddressInUseIsNamedWithItsSetting() throws Exception {
        try (EmbeddedZooKeeper first = start(ANY_PORT)) {
            assertThatThrownBy(() -> EmbeddedZooKeeper.start(first.address(), directory.resolve("other"), reason -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("zookeeper.connect " + first.address() + ": address already in use");
        }
    }

    @Test
    void anAddressThatOtherMachinesCanReachIsRefused() {
        assertThatThrownBy(() -> start(HostPort.parse("0.0.0.0:0")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a loopback address");
    }

    @Test
    void aDirectoryThatCannotBeUsedIsAnError() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");

        assertThatThrownBy(() -> EmbeddedZooKeeper.start(ANY_PORT, file, reason -> {}))
                .isInstanceOf(IOException.class);
    }

    @Test
    void itIsNotShownInJmx() throws Exception {
        try (EmbeddedZooKeeper server = start(ANY_PORT);
                RawClient client = new RawClient(server.address())) {
            assertThat(client.zooKeeper().getState().isConnected()).isTrue();
            assertThat(ManagementFactory.getPlatformMBeanServer()
                            .queryNames(new ObjectName("org.apache.ZooKeeperService:*"), null))
                    .isEmpty();
        }
    }

    @Test
    void itsPortIsFreeOnceItIsClosed() throws Exception {
        HostPort address = new HostPort("127.0.0.1", FreePorts.next());
        start(address).close();
        try (EmbeddedZooKeeper second = start(address)) {
            assertThat(second.address()).isEqualTo(address);
        }
    }

    private EmbeddedZooKeeper start(HostPort address) throws IOException, InterruptedException {
        return EmbeddedZooKeeper.start(address, directory.resolve("zookeeper"), reason -> {
            throw new AssertionError(reason);
        });
    }
}
