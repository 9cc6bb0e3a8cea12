package io.caskade.server.replica;

/// Whole batches of a log in transit to another copy; only the log's reader and writer look inside.
public interface Batches {

    /// Their size in bytes.
    long bytes();
}
