package io.caskade.bench.engine;

import io.caskade.bench.report.Median;
import io.caskade.bench.report.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// What was measured: every round's figure, and which figures there are not. Keeps the order in which
/// workloads and engines first appear. For one thread.
final class Results {

    private record Cell(String workload, String engine) {}

    private final Map<Cell, List<Double>> rounds = new LinkedHashMap<>();
    private final Map<Cell, String> reasons = new LinkedHashMap<>();
    private final Map<String, String> units = new LinkedHashMap<>();

    /// Adds a round's figure.
    void add(String workload, EngineKind engine, double value, String unit) {
        units.putIfAbsent(workload, unit);
        rounds.computeIfAbsent(new Cell(workload, engine.id()), cell -> new ArrayList<>())
                .add(value);
    }

    /// Records why an engine has no figure.
    void absent(String workload, EngineKind engine, String unit, String reason) {
        units.putIfAbsent(workload, unit);
        reasons.put(new Cell(workload, engine.id()), reason);
    }

    /// The median over the rounds, if the engine was measured.
    OptionalDouble value(String workload, String engine) {
        List<Double> values = rounds.get(new Cell(workload, engine));
        return values == null ? OptionalDouble.empty() : OptionalDouble.of(Median.of(values));
    }

    /// Why an engine has no figure; empty when it has one or was not tried.
    String reason(String workload, String engine) {
        return reasons.getOrDefault(new Cell(workload, engine), "");
    }

    /// All figures, by workload and then by engine.
    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        units.forEach((workload, unit) -> {
            for (EngineKind kind : EngineKind.values()) {
                Cell cell = new Cell(workload, kind.id());
                List<Double> values = rounds.get(cell);
                if (values != null) {
                    rows.add(new Row(workload, kind.id(), Median.of(values), unit, ""));
                } else if (reasons.containsKey(cell)) {
                    rows.add(new Row(workload, kind.id(), null, unit, reasons.getOrDefault(cell, "")));
                }
            }
        });
        return rows;
    }
}
