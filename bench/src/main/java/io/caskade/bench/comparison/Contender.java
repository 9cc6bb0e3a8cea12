package io.caskade.bench.comparison;

import io.caskade.bench.load.LoadClient;
import java.io.IOException;
import java.util.List;

/// Running servers, and the protocol by which a load speaks to them.
public interface Contender {

    /// As results name it, such as `caskade-grpc`.
    String name();

    /// The servers' processes.
    List<Long> pids();

    /// Connects for writes or reads.
    ///
    /// @param shape of the load that follows
    /// @param seed of which keys are drawn
    LoadClient connect(boolean puts, LoadShape shape, long seed) throws IOException;

    /// Writes every key once.
    void fill() throws IOException;
}
