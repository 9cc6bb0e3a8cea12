package io.caskade.server.transport;

import java.util.HashSet;
import java.util.Set;

/// Remembers what was logged, so that a repeated failure is logged once. Thread-safe.
final class LogOnce {

    /// Past this many, all are forgotten, which bounds the memory.
    private static final int MAX_REMEMBERED = 64;

    private final Set<String> logged = new HashSet<>();

    /// Remembers the warning; returns whether it is new.
    synchronized boolean shouldLog(String warning) {
        if (logged.size() >= MAX_REMEMBERED) {
            logged.clear();
        }
        return logged.add(warning);
    }

    /// Forgets all warnings, so that they are logged again.
    synchronized void clear() {
        logged.clear();
    }
}
