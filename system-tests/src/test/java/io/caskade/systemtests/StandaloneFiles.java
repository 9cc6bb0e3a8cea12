package io.caskade.systemtests;

import io.caskade.client.CaskadeClient;
import io.caskade.client.ClientConfig;
import io.caskade.settings.HostPort;
import io.caskade.settings.HostPorts;
import io.caskade.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/// What a node that stands alone needs between its lives: a configuration with ports of its own, and a place
/// for its data.
record StandaloneFiles(Path configuration, Path data, Path log, int grpcPort, int zookeeperPort) {

    static StandaloneFiles in(Path directory) throws IOException {
        return in(directory, FreePorts.next(), FreePorts.next());
    }

    static StandaloneFiles in(Path directory, int grpcPort, int zookeeperPort) throws IOException {
        Path data = directory.resolve("data");
        Path configuration = directory.resolve("server.yaml");
        Files.writeString(configuration, String.format(Locale.ROOT, """
                data-dir: %s
                zookeeper:
                  connect: 127.0.0.1:%d
                  embedded: true
                listeners:
                  grpc:
                    bind: 127.0.0.1:%d
                  http:
                    bind: 127.0.0.1:0
                  redis:
                    bind: 127.0.0.1:0
                  replication:
                    bind: 127.0.0.1:0
                """, data, zookeeperPort, grpcPort));
        return new StandaloneFiles(configuration, data, directory.resolve("node.log"), grpcPort, zookeeperPort);
    }

    NodeProcess start() throws IOException, InterruptedException {
        return NodeProcess.start(configuration, log);
    }

    NodeProcess launch() throws IOException, InterruptedException {
        return NodeProcess.launch(configuration, log);
    }

    CaskadeClient client(Duration timeout) {
        return CaskadeClient.create(ClientConfig.defaults()
                .withZooKeeper(HostPorts.of(new HostPort("127.0.0.1", zookeeperPort)))
                .withTimeout(timeout));
    }
}
