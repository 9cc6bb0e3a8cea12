package io.caskade.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/// What of its libraries' messages a node's log shows.
class ShippedLoggingTest {

    private static final Path SHIPPED = Path.of("src", "main", "resources", "logback.xml");

    /// Unknown without a name service: a label has 63 characters at most.
    private static final String UNKNOWN_HOST = "x".repeat(64) + ".invalid";

    private static final Logger GRPC = Logger.getLogger("io.grpc");

    /// The node says it itself, once.
    @Test
    void notThatGrpcDoesNotKnowAHost() throws Exception {
        Warnings warnings = new Warnings();
        GRPC.addHandler(warnings);
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(UNKNOWN_HOST, 1).usePlaintext().build();
        try {
            channel.getState(true);

            LogRecord warning = warnings.received.poll(30, TimeUnit.SECONDS);
            assertThat(warning).isNotNull();
            assertThat(warning.getMessage()).contains("Failed to resolve name");
            assertThat(shipped().getLogger(warning.getLoggerName()).isWarnEnabled())
                    .isFalse();
        } finally {
            channel.shutdownNow();
            GRPC.removeHandler(warnings);
        }
    }

    private static LoggerContext shipped() throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(SHIPPED.toFile());
        return context;
    }

    private static final class Warnings extends Handler {

        private final BlockingQueue<LogRecord> received = new LinkedBlockingQueue<>();

        Warnings() {
            setLevel(Level.WARNING);
        }

        @Override
        public void publish(LogRecord said) {
            if (isLoggable(said)) {
                received.add(said);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
