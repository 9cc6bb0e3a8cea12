package io.caskade.bench.comparison;

/// How many operations are in flight, and how. Immutable.
///
/// @param connections that share them; of a client that has one connection to a node, how many callers there
/// are
/// @param pipeline requests that each has in flight
public record LoadShape(int connections, int pipeline) {

    /// Reads `50`, or `50x16` for 16 requests in flight on each of 50 connections.
    ///
    /// @throws IllegalArgumentException when it is anything else
    public static LoadShape parse(String text) {
        if (!text.matches("[1-9]\\d{0,5}(x[1-9]\\d{0,5})?")) {
            throw new IllegalArgumentException("expected connections and a pipeline such as 50 or 50x16: " + text);
        }
        String[] parts = text.split("x", -1);
        return new LoadShape(Integer.parseInt(parts[0]), parts.length == 1 ? 1 : Integer.parseInt(parts[1]));
    }

    /// All operations in flight.
    int inFlight() {
        return connections * pipeline;
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        return pipeline == 1 ? Integer.toString(connections) : connections + "x" + pipeline;
    }
}
