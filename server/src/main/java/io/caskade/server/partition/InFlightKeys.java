package io.caskade.server.partition;

import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.replica.RecordDraft;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the records in flight will make of their keys: conditions are decided against them before they are
/// committed. Used by one partition's loop alone.
public final class InFlightKeys {

    /// What a key will be: a record, or none.
    ///
    /// @param sequence what an answer rests on that was decided by it
    public record State(@Nullable StoredRecord record, long sequence) {}

    private record Change(ByteBuffer key, State state, ByteBudget.Hold hold) {}

    /// By sequence.
    private final NavigableMap<Long, Change> changes = new TreeMap<>();

    /// Each key's, oldest first; never empty.
    private final Map<ByteBuffer, Deque<State>> states = new HashMap<>();

    /// What a key will be, or null when nothing about it is in flight.
    public @Nullable State of(byte[] key) {
        Deque<State> ofKey = states.get(ByteBuffer.wrap(key));
        return ofKey == null ? null : ofKey.getLast();
    }

    /// Takes a record in that was proposed and will have `sequence`, greater than all before. Its bytes are held
    /// until it is let go of.
    public void add(RecordDraft draft, long sequence, ByteBudget.Hold hold) {
        Change change = switch (draft) {
            case RecordDraft.Put put ->
                new Change(
                        ByteBuffer.wrap(put.key()),
                        new State(new StoredRecord(put.value(), sequence, put.expiresAt()), sequence),
                        hold);
            case RecordDraft.Tombstone tombstone ->
                new Change(ByteBuffer.wrap(tombstone.key()), new State(null, sequence), hold);
        };
        changes.put(sequence, change);
        states.computeIfAbsent(change.key(), _ -> new ArrayDeque<>(1)).addLast(change.state());
    }

    /// Lets go of what is committed.
    public void removeUpTo(long sequence) {
        NavigableMap<Long, Change> committed = changes.headMap(sequence, true);
        committed.values().forEach(this::forget);
        committed.clear();
    }

    /// Forgets a record that was refused.
    public void removeRefused(long sequence) {
        Change change = changes.remove(sequence);
        if (change != null) {
            forget(change);
        }
    }

    /// Forgets everything: the copy does not lead any more, and whatever becomes of the records will show in
    /// its log.
    public void clear() {
        changes.values().forEach(change -> change.hold().release());
        changes.clear();
        states.clear();
    }

    /// The change is the oldest or the newest of its key: groups are committed in order and refused from either
    /// end.
    private void forget(Change change) {
        change.hold().release();
        states.computeIfPresent(change.key(), (_, ofKey) -> {
            if (ofKey.getFirst().sequence() == change.state().sequence()) {
                ofKey.removeFirst();
            } else {
                ofKey.removeLastOccurrence(change.state());
            }
            return ofKey.isEmpty() ? null : ofKey;
        });
    }
}
