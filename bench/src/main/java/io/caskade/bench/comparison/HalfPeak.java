package io.caskade.bench.comparison;

import io.caskade.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// Measures latencies in an open loop at half the rate that a contender reached in a closed one. For one
/// thread.
final class HalfPeak {

    /// The closed loop whose rate is the peak, and how many operations may be in flight in the open one.
    static final LoadShape SHAPE = new LoadShape(50, 1);

    private final LoadMeter meter;
    private final Progress progress;

    HalfPeak(LoadMeter meter, Progress progress) {
        this.meter = meter;
        this.progress = progress;
    }

    /// As the rows are named.
    static String name(String scope, boolean puts) {
        return scope + (puts ? "-put-half-peak" : "-get-half-peak");
    }

    /// Measures writes and reads.
    ///
    /// @param peaks rows of the closed loops; a contender without one is left out
    List<Row> run(String scope, List<Contender> contenders, List<Row> peaks) throws IOException {
        ComparedFigures figures = new ComparedFigures(peaks);
        List<Row> rows = new ArrayList<>();
        for (boolean puts : new boolean[] {true, false}) {
            for (Contender contender : contenders) {
                OptionalDouble peak = figures.of(LoadComparison.name(scope, puts, SHAPE), contender.name());
                if (peak.isPresent()) {
                    rows.addAll(measure(name(scope, puts), contender, puts, peak.getAsDouble() / 2));
                } else {
                    progress.skipLoad(name(scope, puts), contender.name(), "its peak is not known");
                }
            }
        }
        return rows;
    }

    private List<Row> measure(String name, Contender contender, boolean puts, double perSecond) throws IOException {
        LoadFigures figures = meter.measureOpen(contender, puts, SHAPE, perSecond, 0);
        progress.addLoad(
                name,
                contender.name(),
                figures.perSecond(),
                figures.p50(),
                figures.p99(),
                "errors: " + figures.failures());
        return LoadComparison.rows(name, contender.name(), List.of(figures));
    }
}
