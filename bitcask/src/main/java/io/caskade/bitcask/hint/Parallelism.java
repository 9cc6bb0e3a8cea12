package io.caskade.bitcask.hint;

/// How many threads open a log or a store.
public enum Parallelism {
    /// One for each processor.
    PROCESSORS,
    /// The caller's alone, so that every opening runs the same way.
    NONE
}
