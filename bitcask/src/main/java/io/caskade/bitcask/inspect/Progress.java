package io.caskade.bitcask.inspect;

/// Receives the progress of a long operation.
@FunctionalInterface
public interface Progress {

    /// Ignores progress.
    Progress NONE = (done, total) -> {};

    /// Called often, with the bytes done and the total.
    void moved(long done, long total);
}
