package io.caskade.bitcask.store;

import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.log.RecordKind;
import java.util.ArrayDeque;
import java.util.Deque;

/// The records that are in the log and not yet committed, oldest first: what the keydir must be told when
/// they are.
final class InFlightRecords {

    /// One record's effect. The hash is of no meaning for a MARK or CLEAR; the time is a MARK's.
    record Effect(long sequence, RecordKind kind, KeyHash hash, long location, long time) {}

    private final Deque<Effect> effects = new ArrayDeque<>();

    void add(Effect effect) {
        effects.addLast(effect);
    }

    boolean hasUpTo(long sequence) {
        return !effects.isEmpty() && effects.getFirst().sequence() <= sequence;
    }

    Effect removeFirst() {
        return effects.removeFirst();
    }

    void dropAfter(long sequence) {
        while (!effects.isEmpty() && effects.getLast().sequence() > sequence) {
            effects.removeLast();
        }
    }
}
