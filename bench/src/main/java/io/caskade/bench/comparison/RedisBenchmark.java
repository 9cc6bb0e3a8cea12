package io.caskade.bench.comparison;

import io.caskade.bench.process.InstalledPrograms;
import io.caskade.settings.HostPort;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Runs `redis-benchmark`, which loads Caskade and Redis alike. Immutable.
///
/// @param program where it is installed
record RedisBenchmark(Path program, Records records) {

    private static final String NAME = "redis-benchmark";
    private static final int SHORTEST = 2000;
    private static final double SECOND = 1e9;
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

    /// What it found.
    ///
    /// @param p50 milliseconds; NaN where it does not say
    /// @param p99 milliseconds; NaN where it does not say
    record Result(double perSecond, double p50, double p99) {}

    /// Whether there is one to find.
    static boolean isInstalled() {
        return InstalledPrograms.find(NAME).isPresent();
    }

    /// The one that is installed, if any.
    static Optional<RedisBenchmark> find(Records records) {
        return InstalledPrograms.find(NAME).map(program -> new RedisBenchmark(program, records));
    }

    /// Measures `SET` or `GET`. How many requests fill a time is estimated first.
    Result measure(HostPort server, boolean puts, LoadShape shape, Duration warmup, Duration time) throws IOException {
        double rate = run(server, puts, shape, SHORTEST).perSecond();
        if (warmup.isPositive()) {
            rate = run(server, puts, shape, requests(rate, warmup)).perSecond();
        }
        return run(server, puts, shape, requests(rate, time));
    }

    private static long requests(double rate, Duration time) {
        return Math.max(SHORTEST, (long) (rate * time.toNanos() / SECOND));
    }

    private Result run(HostPort server, boolean puts, LoadShape shape, long requests) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString(), "--csv"));
        command.addAll(List.of("-h", server.host(), "-p", Integer.toString(server.port())));
        command.addAll(List.of("-t", puts ? "set" : "get", "-n", Long.toString(requests)));
        command.addAll(List.of("-r", Integer.toString(records.keys()), "-d", Integer.toString(records.valueBytes())));
        command.addAll(List.of("-c", Integer.toString(shape.connections()), "-P", Integer.toString(shape.pipeline())));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed;
        try (InputStream output = process.getInputStream()) {
            printed = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            int exitCode = process.waitFor();
            if (exitCode != 0) {
                throw new IllegalStateException(NAME + ": exit code " + exitCode + ": " + printed.strip());
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return parse(printed);
    }

    /// Reads the last line of figures by the names of the columns; old versions print a rate alone, without
    /// names.
    ///
    /// @throws IllegalStateException when there are no figures
    static Result parse(String csv) {
        List<String> header = List.of("test", "rps");
        List<String> last = List.of();
        for (String line : csv.lines().toList()) {
            // Progress, when there is any, ends with a carriage return.
            List<String> cells = cells(line.substring(line.lastIndexOf('\r') + 1));
            if (cells.size() >= header.size() && cells.getFirst().equals("test")) {
                header = cells;
            } else if (cells.size() == header.size()) {
                last = cells;
            }
        }
        if (last.isEmpty()) {
            throw new IllegalStateException(NAME + " printed no figures: " + csv.strip());
        }
        return new Result(
                value(header, last, "rps"),
                value(header, last, "p50_latency_ms"),
                value(header, last, "p99_latency_ms"));
    }

    private static List<String> cells(String line) {
        return line.startsWith("\"")
                ? QUOTED.matcher(line).results().map(match -> match.group(1)).toList()
                : List.of();
    }

    private static double value(List<String> header, List<String> cells, String column) {
        int at = header.indexOf(column);
        return at < 0 ? Double.NaN : Double.parseDouble(cells.get(at));
    }
}
