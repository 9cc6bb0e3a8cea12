package io.caskade.bitcask.hint;

/// The number of threads that open a log or a store.
public enum Parallelism {
    /// One per processor.
    PROCESSORS,
    /// Only the caller's thread: deterministic.
    NONE
}
