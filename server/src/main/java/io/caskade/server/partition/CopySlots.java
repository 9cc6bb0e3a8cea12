package io.caskade.server.partition;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which of a node's copies are in use and which are being deleted, so that none is opened while it is deleted.
/// Thread-safe.
final class CopySlots {

    private enum Use {
        /// The copy is open, being opened, or cannot be opened.
        OPEN,
        DELETING
    }

    /// What there is to do for a deletion that did not end.
    enum Unfinished {
        /// Nothing.
        NONE,
        /// It has begun, and goes on.
        BEGUN,
        /// The copy was needed again for a moment.
        WANTED
    }

    private final Map<Integer, Use> uses = new HashMap<>();

    /// The copies that are being opened at the moment.
    private final Set<Integer> opening = new HashSet<>();

    /// Deletions that are tried again: those that failed, and those of copies that were needed for a moment.
    private final Set<Integer> unfinished = new HashSet<>();

    /// Takes the slot for a copy that is to be opened; returns false when it is taken.
    synchronized boolean takeToOpen(int partition) {
        return uses.putIfAbsent(partition, Use.OPEN) == null;
    }

    /// Returns false when the slot is not taken for an open copy, or the copy is being opened.
    synchronized boolean beginOpening(int partition) {
        return uses.get(partition) == Use.OPEN && opening.add(partition);
    }

    synchronized void endOpening(int partition) {
        opening.remove(partition);
    }

    /// Takes the slot for a deletion, also from an open copy; returns false when that is being opened, or when
    /// the deletion has begun.
    synchronized boolean takeToDelete(int partition) {
        boolean taken = !opening.contains(partition) && uses.put(partition, Use.DELETING) != Use.DELETING;
        if (taken) {
            unfinished.remove(partition);
        }
        return taken;
    }

    /// Frees the slot.
    ///
    /// @param isGone whether the copy is deleted; otherwise it is needed, and looked at again
    synchronized void endDeletion(int partition, boolean isGone) {
        uses.remove(partition);
        if (!isGone) {
            // The image that makes it safe may have arrived meanwhile.
            unfinished.add(partition);
        }
    }

    /// The deletion is tried again.
    synchronized void keepUnfinished(int partition) {
        unfinished.add(partition);
    }

    /// The partitions with something unfinished.
    synchronized List<Integer> unfinished() {
        return List.copyOf(unfinished);
    }

    /// Takes over what is unfinished.
    synchronized Unfinished takeUnfinished(int partition) {
        if (!unfinished.remove(partition)) {
            return Unfinished.NONE;
        }
        return uses.get(partition) == Use.DELETING ? Unfinished.BEGUN : Unfinished.WANTED;
    }
}
