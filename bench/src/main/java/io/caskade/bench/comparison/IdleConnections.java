package io.caskade.bench.comparison;

import io.caskade.bench.process.ProcessLimits;
import io.caskade.bench.process.ProcessorTime;
import io.caskade.bench.report.Row;
import io.caskade.bench.time.Pause;
import io.caskade.settings.HostPort;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Measures what many connections that do nothing cost a server of Redis's protocol. For one thread.
final class IdleConnections {

    private static final byte[] PING = "*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String PONG = "+PONG\r\n";

    /// Files besides connections.
    private static final int SPARE_FILES = 500;

    /// What connecting leaves to be done, such as collecting garbage, may take this part of the time.
    private static final int SETTLING = 5;

    private static final double MIB = 1 << 20;
    private static final double PERCENT = 100;

    private final int count;
    private final Duration time;
    private final PrintStream out;

    /// How long one server takes.
    ///
    /// @param time processor time is measured for, before and with them
    static Duration time(Duration time) {
        return time.multipliedBy(2).plus(time.dividedBy(SETTLING));
    }

    /// @param count how many connections
    /// @param time processor time is measured for, before and with them
    /// @param out gets the progress
    IdleConnections(int count, Duration time, PrintStream out) {
        this.count = count;
        this.time = time;
        this.out = out;
    }

    /// Measures one server.
    List<Row> run(String name, HostPort address, long pid) throws IOException {
        long allowed = Math.min(
                ProcessLimits.openFiles(pid),
                ProcessLimits.openFiles(ProcessHandle.current().pid()));
        if (allowed < count + SPARE_FILES) {
            String reason = "the limit of open files, " + allowed + ", forbids " + count + " connections";
            out.println("skipped: idle connections of " + name + "; " + reason);
            return List.of(new Row(workload("-memory"), name, null, "MiB", reason));
        }
        double without = processorShare(pid);
        long before = ProcessLimits.residentBytes(pid);
        List<SocketChannel> connections = new ArrayList<>();
        try {
            for (int number = 0; number < count; number++) {
                connections.add(connect(address));
            }
            Pause.of(time.dividedBy(SETTLING));
            double with = processorShare(pid);
            double memory = (ProcessLimits.residentBytes(pid) - before) / MIB;
            List<Row> rows = List.of(
                    new Row("idle-0-processor", name, without, "% of a core", ""),
                    new Row(workload("-processor"), name, with, "% of a core", ""),
                    new Row(workload("-memory"), name, memory, "MiB", ""));
            rows.forEach(row ->
                    out.printf(Locale.ROOT, "%-30s %-12s %,10.2f %s%n", row.workload(), name, row.value(), row.unit()));
            return rows;
        } finally {
            for (SocketChannel connection : connections) {
                connection.close();
            }
        }
    }

    private String workload(String suffix) {
        return "idle-" + count + suffix;
    }

    private double processorShare(long pid) throws IOException {
        List<Long> server = List.of(pid);
        Duration before = ProcessorTime.of(server);
        long begin = System.nanoTime();
        Pause.of(time);
        Duration used = ProcessorTime.of(server).minus(before);
        return used.toNanos() * PERCENT / (System.nanoTime() - begin);
    }

    /// A connection that has been used once, as those of a pool have.
    private static SocketChannel connect(HostPort address) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(address.host(), address.port()));
        boolean answered = false;
        try {
            channel.write(ByteBuffer.wrap(PING));
            ByteBuffer reply = ByteBuffer.allocate(PONG.length());
            while (reply.hasRemaining() && channel.read(reply) >= 0) {
                // Reads on.
            }
            String text = new String(reply.array(), 0, reply.position(), StandardCharsets.US_ASCII);
            if (!text.equals(PONG)) {
                throw new IOException("a connection was refused: " + text.strip());
            }
            answered = true;
            return channel;
        } finally {
            if (!answered) {
                channel.close();
            }
        }
    }
}
