package io.caskade.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.Durability;
import io.caskade.settings.HostPort;
import io.caskade.settings.SettingsException;
import io.caskade.settings.SettingsFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConfigTest {

    @TempDir
    private Path directory;

    @Test
    void theDefaultsAreConsistent() throws Exception {
        ServerConfig config = SettingsFile.defaults(ServerConfig.class, Map.of());

        assertThat(config.node().id()).isEqualTo("node-1");
        assertThat(config.storage().durability()).isEqualTo(Durability.SYNC);
        assertThat(config.listeners().grpc().bind()).hasToString("127.0.0.1:6669");
        assertThat(config.listeners().http().bind().orElseThrow()).hasToString("127.0.0.1:8080");
        assertThat(config.listeners().redis().bind().orElseThrow()).hasToString("127.0.0.1:6379");
        assertThat(config.listeners().replication().bind()).hasToString("127.0.0.1:6668");
    }

    @Test
    void aSettingOfASectionHasAnEnvironmentVariable() throws Exception {
        ServerConfig config = SettingsFile.defaults(
                ServerConfig.class,
                Map.of(
                        "CASKADE_LISTENERS_GRPC_BIND",
                        "0.0.0.0:1",
                        "CASKADE_NODE_ID",
                        "n2",
                        "CASKADE_LISTENERS_GRPC_ADVERTISED",
                        "n2.example:1"));

        assertThat(config.listeners().grpc().bind()).hasToString("0.0.0.0:1");
        assertThat(config.node().id()).isEqualTo("n2");
    }

    @Test
    void anEmptyAddressTurnsHttpOff() throws Exception {
        ServerConfig config = SettingsFile.defaults(ServerConfig.class, Map.of("CASKADE_LISTENERS_HTTP_BIND", ""));

        assertThat(config.listeners().http().bind()).isEmpty();
    }

    @Test
    void anEmptyAddressTurnsTheRedisProtocolOff() throws Exception {
        ServerConfig config = SettingsFile.defaults(ServerConfig.class, Map.of("CASKADE_LISTENERS_REDIS_BIND", ""));

        assertThat(config.listeners().redis().bind()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "node: {id: Node_1} | node.id",
                "replication: {lease: 500ms, grace: 520ms} | replication.grace",
                "zookeeper: {embedded: true, connect: 'zk1:2181'} | zookeeper.connect",
                "zookeeper: {embedded: true, connect: '127.0.0.1:1,127.0.0.1:2'} | zookeeper.connect",
                "zookeeper: {connect: 'zk1:0'} | zookeeper.connect",
                "zookeeper: {user: caskade} | zookeeper.password-file",
                "zookeeper: {password-file: password} | zookeeper.user",
                "zookeeper: {user: 'a:b', password-file: password} | zookeeper.user",
                "zookeeper: {root: caskade} | zookeeper.root",
                "zookeeper: {root: /} | zookeeper.root",
                "zookeeper: {root: /a/..} | zookeeper.root",
                "zookeeper: {session-timeout: 100ms} | zookeeper.session-timeout",
                "listeners: {grpc: {bind: '0.0.0.0:6669'}} | listeners.grpc.advertised",
                "listeners: {grpc: {advertised: '0.0.0.0:6669'}} | listeners.grpc.advertised",
                "listeners: {grpc: {advertised: 'a:0'}} | listeners.grpc.advertised",
                "listeners: {http: {bind: '0.0.0.0:8080'}} | listeners.http.advertised",
                "listeners: {http: {advertised: 'a:0'}} | listeners.http.advertised",
                "listeners: {redis: {bind: '0.0.0.0:6379'}} | listeners.redis.advertised",
                "listeners: {redis: {advertised: 'a:0'}} | listeners.redis.advertised",
                "listeners: {redis: {max-clients: 0}} | listeners.redis.max-clients",
                "listeners: {replication: {bind: '0.0.0.0:6668'}} | listeners.replication.advertised",
                "listeners: {replication: {advertised: 'a:0'}} | listeners.replication.advertised",
                "cluster: {min-insync: 2} | cluster.min-insync",
                "cluster: {partitions: 1025} | cluster.partitions",
                "storage: {segment-size: 16MiB} | storage.max-value-size",
                "storage: {max-value-size: 32MiB, segment-size: 63MiB} | storage.max-value-size",
                "limits: {in-flight: 1MiB} | limits.in-flight",
            })
    void whatDoesNotGoTogetherIsRefusedByName(String yaml, String setting) {
        assertThatThrownBy(() -> load(yaml))
                .isInstanceOf(SettingsException.class)
                .hasMessageMatching(".*server.yaml(:1)?: " + setting + ": expected .*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:2181", "127.0.0.1:0", "'[::1]:2181'"})
    void anEmbeddedZooKeeperTakesAnyLoopbackAddress(String connect) throws Exception {
        assertThat(load("zookeeper: {embedded: true, connect: " + connect + "}")
                        .zookeeper()
                        .embedded())
                .isTrue();
    }

    @Test
    void theBoundPortIsAdvertisedWhenNothingElseIs() throws Exception {
        GrpcListenerConfig listener =
                load("listeners: {grpc: {bind: '127.0.0.1:0'}}").listeners().grpc();

        assertThat(listener.advertisedAt(4711)).isEqualTo(new HostPort("127.0.0.1", 4711));
    }

    @Test
    void aConfiguredAddressIsAdvertised() throws Exception {
        GrpcListenerConfig listener = load("listeners: {grpc: {bind: '0.0.0.0:0', advertised: 'a.example:7'}}")
                .listeners()
                .grpc();

        assertThat(listener.advertisedAt(4711)).isEqualTo(new HostPort("a.example", 7));
    }

    @Test
    void nodesAreAdvertisedASeparateAddress() throws Exception {
        ReplicationListenerConfig listener = load("listeners: {replication: {bind: '127.0.0.1:0'}}")
                .listeners()
                .replication();

        assertThat(listener.advertisedAt(4711)).isEqualTo(new HostPort("127.0.0.1", 4711));
    }

    @Test
    void heartbeatsComeSeveralTimesWithinTheLeaseAndTheRetry() throws Exception {
        assertThat(load("").replication().heartbeatInterval()).hasMillis(50);
        assertThat(load("replication: {lease: 140ms, grace: 500ms}")
                        .replication()
                        .heartbeatInterval())
                .hasMillis(20);
        assertThat(load("replication: {lease: 700ms, grace: 1s, retry: 300ms}")
                        .replication()
                        .heartbeatInterval())
                .hasMillis(100);
        assertThat(load("replication: {lease: 700ms, grace: 1s, retry: 60ms}")
                        .replication()
                        .heartbeatInterval())
                .hasMillis(20);
        assertThat(load("replication: {lease: 30s, grace: 60s, retry: 10s}")
                        .replication()
                        .heartbeatInterval())
                .hasMillis(500);
    }

    private ServerConfig load(String yaml) throws Exception {
        return ServerConfig.load(Files.writeString(directory.resolve("server.yaml"), yaml), Map.of());
    }
}
