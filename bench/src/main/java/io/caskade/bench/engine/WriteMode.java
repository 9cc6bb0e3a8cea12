package io.caskade.bench.engine;

/// What a put promises when it returns.
enum WriteMode {
    /// That it survives the process being killed, and not a power failure. MapDB has no such mode: its puts
    /// promise nothing then.
    UNSYNCED,

    /// That it survives a power failure.
    SYNC_EACH,

    /// Nothing before the next sync, which makes all puts before it survive a power failure.
    SYNC_ON_DEMAND
}
