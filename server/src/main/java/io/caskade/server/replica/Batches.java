package io.caskade.server.replica;

/// Whole batches of a log on their way to another copy, which only those who read and write logs look into.
public interface Batches {

    /// How many bytes they take.
    long bytes();
}
