package io.caskade.bench.comparison;

import io.caskade.bench.report.Row;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;

/// Looks rows up. Immutable.
///
/// @param rows of all contenders
record ComparedFigures(List<Row> rows) {

    /// How the names of Caskade's contenders begin; all others are peers'.
    static final String OURS = "caskade";

    /// The figure of a contender.
    OptionalDouble of(String workload, String contender) {
        return values(workload, contender::equals).findFirst();
    }

    /// Caskade's largest figure, over whichever protocol.
    OptionalDouble ourBest(String workload) {
        return values(workload, name -> name.startsWith(OURS)).max();
    }

    /// Caskade's smallest figure, over whichever protocol.
    OptionalDouble ourLeast(String workload) {
        return values(workload, name -> name.startsWith(OURS)).min();
    }

    /// The largest figure of a peer.
    OptionalDouble bestOfPeers(String workload) {
        return values(workload, name -> !name.startsWith(OURS)).max();
    }

    private DoubleStream values(String workload, Predicate<String> contender) {
        return rows.stream()
                .filter(row -> row.workload().equals(workload) && contender.test(row.engine()))
                .mapToDouble(row -> row.value() == null ? Double.NaN : row.value())
                .filter(value -> !Double.isNaN(value));
    }
}
