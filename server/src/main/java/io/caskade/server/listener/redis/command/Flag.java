package io.caskade.server.listener.redis.command;

import java.util.Locale;

/// What a command is, as `COMMAND INFO` says it.
enum Flag {
    /// May change records.
    WRITE,
    /// Changes nothing.
    READONLY,
    /// May be refused when memory is full.
    DENYOOM,
    /// For administrators.
    ADMIN,
    /// Takes about the same time however much there is.
    FAST,
    /// Is not for scripts.
    NOSCRIPT,
    /// Is answered while data are loaded.
    LOADING,
    /// Is answered by a replica that is behind.
    STALE,
    /// Needs no authentication.
    NO_AUTH,
    /// Is not shown to those that watch commands.
    SKIP_MONITOR,
    /// Is left out of the log of slow commands.
    SKIP_SLOWLOG;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
