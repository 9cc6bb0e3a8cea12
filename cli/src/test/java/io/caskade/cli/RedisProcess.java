package io.caskade.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caskade.cli.redis.RedisClientConnection;
import io.caskade.cli.redis.RedisException;
import io.caskade.cli.redis.RedisServer;
import io.caskade.settings.HostPort;
import io.caskade.testing.FreePorts;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.awaitility.Awaitility;

/// A Redis in a process of its own, where it is installed; elsewhere a test that asks for it is skipped.
public final class RedisProcess implements AutoCloseable {

    private static final String PROGRAM = "redis-server";
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Process process;
    private final HostPort address;

    private RedisProcess(Process process, HostPort address) {
        this.process = process;
        this.address = address;
    }

    /// Starts one with an empty memory.
    ///
    /// @param options as on its command line
    public static RedisProcess start(Path directory, String... options) throws IOException {
        assumeTrue(isInstalled(), "skipped: there is no redis-server on the PATH to test with");
        HostPort address = new HostPort("127.0.0.1", FreePorts.next());
        List<String> command = new ArrayList<>(List.of(
                PROGRAM,
                "--bind",
                address.host(),
                "--port",
                Integer.toString(address.port()),
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                Files.createDirectories(directory).toString()));
        command.addAll(List.of(options));
        RedisProcess redis = new RedisProcess(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("redis.log").toFile())
                        .start(),
                address);
        Runtime.getRuntime().addShutdownHook(new Thread(redis.process::destroyForcibly));
        Awaitility.await()
                .atMost(TIMEOUT)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(redis::accepts);
        return redis;
    }

    private static boolean isInstalled() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
    }

    private boolean accepts() throws IOException {
        try (Socket socket = new Socket(address.host(), address.port())) {
            return socket.isConnected();
        }
    }

    /// Where it listens.
    public HostPort address() {
        return address;
    }

    /// A connection without a password.
    public RedisClientConnection connect() throws RedisException {
        return RedisClientConnection.open(RedisServer.at(address, TIMEOUT));
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
