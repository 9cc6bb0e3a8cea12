package io.caskade.server.transport;

import java.util.HashSet;
import java.util.Set;

/// Remembers what was logged, so that a repeated failure is logged once. Safe for use by any thread.
final class LogOnce {

    /// Past this many all are forgotten and logged again: memory stays bounded.
    private static final int MAX_REMEMBERED = 64;

    private final Set<String> logged = new HashSet<>();

    /// Whether this is the first time; remembers the warning.
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
