package io.caskade.bench.comparison;

import io.caskade.bench.load.ClosedLoop;
import io.caskade.bench.load.LoadClient;
import io.caskade.bench.load.LoadGenerator;
import io.caskade.bench.load.MeasurementWindow;
import io.caskade.bench.load.OpenLoop;
import io.caskade.bench.process.ProcessorTime;
import io.caskade.bench.time.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Measures one load on one contender. Immutable.
///
/// @param warmup before each measurement
/// @param time of each measurement
record LoadMeter(Duration warmup, Duration time) {

    /// A closed loop: the end of an operation starts the next.
    LoadFigures measureClosed(Contender contender, boolean puts, LoadShape shape, long seed) throws IOException {
        MeasurementWindow window = new MeasurementWindow(MeasurementWindow.By.END);
        try (LoadClient client = contender.connect(puts, shape, seed)) {
            return measure(contender, ClosedLoop.start(client, shape.inFlight(), window), window);
        }
    }

    /// An open loop: operations start when they are due, and their latency counts from then.
    ///
    /// @param shape how many operations are in flight at most
    LoadFigures measureOpen(Contender contender, boolean puts, LoadShape shape, double perSecond, long seed)
            throws IOException {
        MeasurementWindow window = new MeasurementWindow(MeasurementWindow.By.DUE);
        try (LoadClient client = contender.connect(puts, shape, seed)) {
            return measure(contender, OpenLoop.start(client, perSecond, window), window);
        }
    }

    private LoadFigures measure(Contender contender, LoadGenerator load, MeasurementWindow window) throws IOException {
        List<Long> all = new ArrayList<>(contender.pids());
        all.add(ProcessHandle.current().pid());
        Duration before;
        Duration used;
        try (load) {
            Pause.of(warmup);
            before = ProcessorTime.of(all);
            window.open();
            Pause.of(time);
            window.close();
            used = ProcessorTime.of(all).minus(before);
        }
        return LoadFigures.of(window.sample(), used);
    }
}
