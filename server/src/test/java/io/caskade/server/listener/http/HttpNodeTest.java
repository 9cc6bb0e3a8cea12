package io.caskade.server.listener.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.lifecycle.StartupException;
import io.caskade.server.zookeeper.RawClient;
import io.caskade.settings.HostPort;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The listener as a part of a node.
class HttpNodeTest {

    @TempDir
    private Path directory;

    @Test
    void anAddressInUseIsNamedWithItsSetting() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();

            assertThatThrownBy(() -> HttpNode.start(directory, Map.of("CASKADE_LISTENERS_HTTP_BIND", address)))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("listeners.http.bind " + address + ": address already in use");
        }
    }

    @Test
    void anEmptyAddressStartsNoListener() throws Exception {
        try (HttpNode node = HttpNode.start(directory, Map.of("CASKADE_LISTENERS_HTTP_BIND", ""))) {
            assertThat(node.node().addresses().http()).isEmpty();
        }
    }

    @Test
    void theAdvertisedAddressIsRegistered() throws Exception {
        try (HttpNode node = HttpNode.start(directory, Map.of("CASKADE_LISTENERS_HTTP_ADVERTISED", "kv.example:80"));
                RawClient client =
                        new RawClient(HostPort.parse(node.node().addresses().zookeeper()))) {
            byte[] registered = client.zooKeeper().getData("/caskade/nodes/node-1", false, null);

            assertThat(new String(registered, UTF_8)).contains("\"http\":{\"host\":\"kv.example\",\"port\":80}");
            assertThat(node.node().addresses().http().orElseThrow())
                    .hasToString("127.0.0.1:" + node.port() + " (advertised as kv.example:80)");
        }
    }
}
