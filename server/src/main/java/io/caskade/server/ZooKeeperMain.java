package io.caskade.server;

import io.caskade.bitcask.disk.FailureText;
import io.caskade.server.config.ServerConfig;
import io.caskade.server.lifecycle.SignalHandler;
import io.caskade.server.lifecycle.StartupException;
import io.caskade.server.zookeeper.EmbeddedZooKeeper;
import io.caskade.settings.HostPort;
import io.caskade.settings.SettingsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Runs a ZooKeeper in the foreground where a node's configuration expects one, for a cluster on one machine.
/// It is a single server on loopback; production clusters need an ensemble.
///
/// Exit codes: 0 clean stop; 2 usage or configuration; 3 fatal error.
@Command(
        name = "caskade-zookeeper",
        description = "Runs a ZooKeeper at a node's zookeeper.connect, for a cluster on one machine, until SIGTERM or"
                + " Ctrl-C.",
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = 3,
        versionProvider = Main.VersionOption.class)
public final class ZooKeeperMain implements Callable<Integer> {

    private static final int BAD_CONFIGURATION = 2;
    private static final int CANNOT_GO_ON = 3;

    @Parameters(
            index = "0",
            paramLabel = "CONFIG",
            description = "A node's YAML file, such as conf/cluster/node-1.yaml.")
    private Path config = Path.of("");

    @Parameters(index = "1", paramLabel = "DIR", description = "Its data directory; created if missing.")
    private Path directory = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private ZooKeeperMain() {}

    /// Runs the server and ends the process.
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ZooKeeperMain()).setExpandAtFiles(false).execute(arguments));
    }

    @Override
    public Integer call() {
        return SignalHandler.run(this::run, CANNOT_GO_ON);
    }

    private int run() {
        try {
            return run(address(ServerConfig.load(config, System.getenv())));
        } catch (InterruptedException e) {
            return 0;
        } catch (SettingsException e) {
            return failed(BAD_CONFIGURATION, String.valueOf(e.getMessage()));
        } catch (StartupException e) {
            return failed(BAD_CONFIGURATION, config + ": " + e.getMessage());
        } catch (ExecutionException e) {
            return failed(CANNOT_GO_ON, String.valueOf(e.getCause()));
        } catch (IOException e) {
            return failed(CANNOT_GO_ON, "caskade-zookeeper cannot start: " + FailureText.of(e));
        }
    }

    private int failed(int exitCode, String message) {
        spec.commandLine().getErr().println(message);
        return exitCode;
    }

    private static HostPort address(ServerConfig loaded) throws StartupException {
        List<HostPort> addresses = loaded.zookeeper().connect().all();
        if (loaded.zookeeper().embedded()) {
            throw new StartupException("zookeeper.embedded is true, so the node runs its own ZooKeeper");
        }
        if (addresses.size() != 1 || !addresses.getFirst().isLoopback()) {
            throw new StartupException(
                    "zookeeper.connect is " + loaded.zookeeper().connect()
                            + ", expected one loopback address: other addresses need a separate ZooKeeper");
        }
        return addresses.getFirst();
    }

    private int run(HostPort address) throws IOException, InterruptedException, ExecutionException {
        CompletableFuture<Void> failed = new CompletableFuture<>();
        try (EmbeddedZooKeeper server =
                start(address, reason -> failed.completeExceptionally(new StartupException(reason)))) {
            PrintWriter out = spec.commandLine().getOut();
            out.println("caskade-zookeeper ready");
            out.println("  zookeeper  " + server.address());
            out.flush();
            failed.get();
            return CANNOT_GO_ON;
        }
    }

    private EmbeddedZooKeeper start(HostPort address, Consumer<String> onFailure)
            throws IOException, InterruptedException {
        try {
            return EmbeddedZooKeeper.start(address, directory, onFailure);
        } catch (IOException e) {
            throw e.getCause() instanceof BindException
                    ? new IOException(
                            "zookeeper.connect " + address
                                    + ": address already in use; stop the process that listens there,"
                                    + " or choose another port, for nodes and shell alike: CASKADE_ZOOKEEPER_CONNECT",
                            e)
                    : e;
        }
    }
}
