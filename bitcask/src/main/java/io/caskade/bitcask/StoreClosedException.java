package io.caskade.bitcask;

/// A store was closed before or while an operation on it ran. The operation had no effect.
public final class StoreClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /// Says what is closed.
    public StoreClosedException(String what) {
        super(what + ": closed");
    }
}
