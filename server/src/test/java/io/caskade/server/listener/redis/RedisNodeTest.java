package io.caskade.server.listener.redis;

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
class RedisNodeTest {

    @TempDir
    private Path directory;

    @Test
    void anAddressInUseIsNamedWithItsSetting() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();

            assertThatThrownBy(() -> RedisNode.start(directory, Map.of("CASKADE_LISTENERS_REDIS_BIND", address)))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("listeners.redis.bind " + address + ": address already in use");
        }
    }

    @Test
    void anEmptyAddressStartsNoListener() throws Exception {
        try (RedisNode node = RedisNode.start(directory, Map.of("CASKADE_LISTENERS_REDIS_BIND", ""))) {
            assertThat(node.node().addresses().redis()).isEmpty();
        }
    }

    @Test
    void theAdvertisedAddressIsRegistered() throws Exception {
        try (RedisNode node =
                        RedisNode.start(directory, Map.of("CASKADE_LISTENERS_REDIS_ADVERTISED", "kv.example:6379"));
                RawClient client =
                        new RawClient(HostPort.parse(node.node().addresses().zookeeper()))) {
            byte[] registered = client.zooKeeper().getData("/caskade/nodes/node-1", false, null);

            assertThat(new String(registered, UTF_8)).contains("\"resp\":{\"host\":\"kv.example\",\"port\":6379}");
            assertThat(node.node().addresses().redis().orElseThrow())
                    .hasToString("127.0.0.1:" + node.port() + " (advertised as kv.example:6379)");
        }
    }

    @Test
    void recordsOutliveTheNode() throws Exception {
        try (RedisNode node = RedisNode.start(directory, Map.of());
                RawRedis redis = node.connect()) {
            assertThat(redis.ask("SET k v")).isEqualTo("OK");
        }
        try (RedisNode node = RedisNode.start(directory, Map.of());
                RawRedis redis = node.connect()) {
            assertThat(redis.ask("GET k")).isEqualTo("\"v\"");
        }
    }
}
