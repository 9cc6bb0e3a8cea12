package io.caskade.cli.bench;

import java.util.Locale;

/// A protocol of the cluster's clients.
enum BenchProtocol {
    GRPC,
    REDIS,
    HTTP;

    /// As typed.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
