package io.caskade.server.transport;

import java.util.HashSet;
import java.util.Set;

/// Remembers what was logged, so that a repeated failure is logged once. Safe for use by any thread.
final class LogOnce {

    /// Past this many all are told again: rather that than remember without end.
    private static final int MAX_REMEMBERED = 64;

    private final Set<String> logged = new HashSet<>();

    /// Whether this is told for the first time.
    synchronized boolean shouldLog(String complaint) {
        if (logged.size() >= MAX_REMEMBERED) {
            logged.clear();
        }
        return logged.add(complaint);
    }

    /// Forgets them: should they come again, that is news.
    synchronized void clear() {
        logged.clear();
    }
}
