package io.caskade.server;

import io.caskade.server.config.ServerConfig;
import io.caskade.server.lifecycle.RecordedClasses;
import io.caskade.server.lifecycle.SignalHandler;
import io.caskade.server.lifecycle.StartupException;
import io.caskade.server.loop.UncaughtErrors;
import io.caskade.settings.SettingsException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Runs a node in the foreground until SIGTERM or SIGINT.
///
/// Exit codes: 0 clean stop; 1 unclean stop; 2 usage or configuration; 3 fatal error.
@Command(
        name = "caskade-server",
        description = "Runs a Caskade node in the foreground until SIGTERM or Ctrl-C.",
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = 3,
        versionProvider = Main.VersionOption.class,
        footer = {
            "",
            "Environment variables named after settings override the file: CASKADE_DATA_DIR for data-dir.",
            "Exit codes: 0 clean stop; 1 unclean stop; 2 usage or configuration; 3 fatal error."
        })
public final class Main implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final int UNCLEAN_SHUTDOWN = 1;
    private static final int BAD_CONFIGURATION = 2;
    private static final int FATAL = 3;

    @Parameters(paramLabel = "CONFIG", description = "The node's YAML file, such as conf/standalone/server.yaml.")
    private Path config = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    /// Runs the node and ends the process, even if threads are left.
    public static void main(String[] arguments) {
        int exitCode = FATAL;
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        try {
            exitCode = new CommandLine(new Main()).setExpandAtFiles(false).execute(arguments);
        } catch (Error e) {
            LOG.error("the node cannot continue", e);
        }
        System.exit(exitCode);
    }

    @Override
    public Integer call() {
        return SignalHandler.run(this::run, FATAL);
    }

    private int run() {
        PrintWriter errors = spec.commandLine().getErr();
        try {
            ServerConfig loaded = ServerConfig.load(config, System.getenv());
            Optional.ofNullable(System.getProperty("caskade.classes"))
                    .map(Path::of)
                    .ifPresent(RecordedClasses::initialize);
            Node node = Node.start(loaded);
            // For the threads of libraries; the node's own report their errors themselves.
            Thread.setDefaultUncaughtExceptionHandler(UncaughtErrors.handler(node::fail));
            return run(node, loaded);
        } catch (InterruptedException e) {
            return 0;
        } catch (SettingsException e) {
            errors.println(e.getMessage());
            return BAD_CONFIGURATION;
        } catch (StartupException e) {
            errors.println("caskade cannot start: " + e.getMessage());
            return FATAL;
        }
    }

    private int run(Node node, ServerConfig loaded) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("caskade ready");
        out.println("  grpc         " + node.addresses().grpc());
        node.addresses().http().ifPresent(http -> out.println("  http         " + http));
        node.addresses().redis().ifPresent(redis -> out.println("  redis        " + redis));
        out.println("  replication  " + node.addresses().replication());
        out.println("  zookeeper    " + node.addresses().zookeeper()
                + (loaded.zookeeper().embedded() ? " (embedded)" : ""));
        out.println("  data         " + loaded.dataDir().toAbsolutePath().normalize());
        out.flush();
        try {
            node.failure().toCompletableFuture().get();
            return node.stop() ? 0 : UNCLEAN_SHUTDOWN;
        } catch (InterruptedException e) {
            return node.stop() ? 0 : UNCLEAN_SHUTDOWN;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            spec.commandLine().getErr().println("caskade stops: " + (cause == null ? e : cause).getMessage());
            node.stop();
            return FATAL;
        }
    }

    static final class VersionOption implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"caskade " + Version.current()};
        }
    }
}
