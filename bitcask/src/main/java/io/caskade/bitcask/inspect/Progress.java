package io.caskade.bitcask.inspect;

/// Is told how far something long has come.
@FunctionalInterface
public interface Progress {

    /// Tells nobody.
    Progress NONE = (done, total) -> {};

    /// So many bytes are done of so many; called often.
    void moved(long done, long total);
}
