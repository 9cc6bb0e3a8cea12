package io.caskade.server.transport;

import java.util.HashSet;
import java.util.Set;

/// Remembers what was complained of, so that what is tried again and again is told once. Safe for use by any thread.
final class Complaints {

    /// Past this many all are told anew: rather that than remember without end.
    private static final int MOST = 64;

    private final Set<String> told = new HashSet<>();

    /// Whether this is told for the first time.
    synchronized boolean isNew(String complaint) {
        if (told.size() >= MOST) {
            told.clear();
        }
        return told.add(complaint);
    }

    /// Forgets them: should they come again, that is news.
    synchronized void clear() {
        told.clear();
    }
}
