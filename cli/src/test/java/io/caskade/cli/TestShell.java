package io.caskade.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.cli.process.ProcessArguments;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;

/// The shell in this process, and what it printed last.
public final class TestShell {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment;

    /// @param connect where the ZooKeeper of the cluster is
    public TestShell(String connect) {
        this.environment = new HashMap<>(Map.of("CASKADE_ZOOKEEPER_CONNECT", connect));
    }

    /// Sets a variable of the environment.
    public TestShell with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /// Runs one command.
    ///
    /// @return its exit code
    public int run(String... arguments) {
        return script("", arguments);
    }

    /// Runs the commands of a script, if there is none in the arguments.
    ///
    /// @return the exit code
    public int script(String input, String... arguments) {
        out.reset();
        err.reset();
        return new Main(new ByteArrayInputStream(input.getBytes(UTF_8)), out, err, environment)
                .run(ProcessArguments.of(arguments));
    }

    /// What it has written to standard output.
    public String out() {
        return out.toString(UTF_8);
    }

    /// What it has written to standard error.
    public String err() {
        return err.toString(UTF_8);
    }
}
