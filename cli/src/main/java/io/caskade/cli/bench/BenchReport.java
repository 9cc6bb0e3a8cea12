package io.caskade.cli.bench;

import com.fasterxml.jackson.core.JsonGenerator;
import io.caskade.cli.output.Style;
import io.caskade.cli.output.Table;
import io.caskade.cli.process.CommandStreams;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Prints results: a table, or an object for each.
record BenchReport(CommandStreams streams) {

    private static final double P50 = 50;
    private static final double P99 = 99;
    private static final double P999 = 99.9;
    private static final double MAX = 100;

    /// Prints all of them.
    void print(List<BenchResult> results) throws IOException {
        streams.clearProgress();
        if (streams.json()) {
            for (BenchResult result : results) {
                streams.object(object -> write(object, result));
            }
        } else {
            printTable(results);
        }
        streams.flush();
    }

    private void printTable(List<BenchResult> results) throws IOException {
        Table table = new Table(
                Style.PLAIN,
                "PROTOCOL",
                "WORKLOAD",
                "REQUESTS",
                "REQUESTS/S",
                "P50 MS",
                "P99 MS",
                "P99.9 MS",
                "MAX MS",
                "ERRORS");
        for (BenchResult result : results) {
            table.row(
                    Table.Cell.of(result.protocol().toString()),
                    Table.Cell.of(result.workload().toString()),
                    Table.Cell.of(result.succeeded()),
                    Table.Cell.of(String.format(Locale.ROOT, "%,.0f", result.perSecond())),
                    Table.Cell.of(millis(result, P50)),
                    Table.Cell.of(millis(result, P99)),
                    Table.Cell.of(millis(result, P999)),
                    Table.Cell.of(millis(result, MAX)),
                    Table.Cell.of(result.failed()));
        }
        for (String line : table.lines()) {
            streams.line(line);
        }
        for (BenchResult result : results) {
            if (result.failed() > 0) {
                streams.line(result.protocol() + " " + result.workload() + " errors: "
                        + result.failures().entrySet().stream()
                                .map(failure -> failure.getValue() + " " + failure.getKey())
                                .collect(Collectors.joining(", ")));
            }
            if (!result.finished()) {
                streams.line(result.protocol() + " " + result.workload() + " was interrupted");
            }
        }
    }

    private static String millis(BenchResult result, double percent) {
        return String.format(Locale.ROOT, "%,.2f", result.millis(percent));
    }

    /// A line on how a run goes.
    static String progress(BenchResult sofar) {
        return String.format(
                Locale.ROOT,
                "%s %s: %,d requests, %,.0f/s, p50 %,.2f ms, p99 %,.2f ms, %,d errors",
                sofar.protocol(),
                sofar.workload(),
                sofar.succeeded() + sofar.failed(),
                sofar.perSecond(),
                sofar.millis(P50),
                sofar.millis(P99),
                sofar.failed());
    }

    private static void write(JsonGenerator object, BenchResult result) throws IOException {
        object.writeStringField("protocol", result.protocol().toString());
        object.writeStringField("workload", result.workload().toString());
        object.writeNumberField("requests", result.succeeded());
        object.writeNumberField("perSecond", result.perSecond());
        object.writeNumberField("p50Millis", result.millis(P50));
        object.writeNumberField("p99Millis", result.millis(P99));
        object.writeNumberField("p999Millis", result.millis(P999));
        object.writeNumberField("maxMillis", result.millis(MAX));
        object.writeNumberField("errors", result.failed());
        object.writeObjectFieldStart("failures");
        for (Map.Entry<String, Long> failure : result.failures().entrySet()) {
            object.writeNumberField(failure.getKey(), failure.getValue());
        }
        object.writeEndObject();
        object.writeBooleanField("finished", result.finished());
    }
}
