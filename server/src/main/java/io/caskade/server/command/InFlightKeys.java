package io.caskade.server.command;

import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.replica.RecordDraft;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the records in flight will make of their keys: conditions are decided against them before they are committed.
/// Used
/// by one partition's loop alone.
public final class InFlightKeys {

    /// What a key will be: a record, or none.
    ///
    /// @param sequence what an answer rests on that was decided by it
    public record State(@Nullable StoredRecord record, long sequence) {}

    private record Change(ByteBuffer key, State state) {}

    private final Deque<Change> changes = new ArrayDeque<>();
    private final Map<ByteBuffer, State> newest = new HashMap<>();

    /// Nothing in flight.
    public InFlightKeys() {}

    /// What a key will be, or null when nothing about it is in flight.
    public @Nullable State of(byte[] key) {
        return newest.get(ByteBuffer.wrap(key));
    }

    /// Takes a record in that was proposed and will have `sequence`, greater than all before.
    public void add(RecordDraft draft, long sequence) {
        Change change = switch (draft) {
            case RecordDraft.Put put ->
                new Change(
                        ByteBuffer.wrap(put.key()),
                        new State(new StoredRecord(put.value(), sequence, put.expiresAt()), sequence));
            case RecordDraft.Tombstone tombstone ->
                new Change(ByteBuffer.wrap(tombstone.key()), new State(null, sequence));
        };
        changes.addLast(change);
        newest.put(change.key(), change.state());
    }

    /// Lets go of what is committed.
    public void committedUpTo(long sequence) {
        while (!changes.isEmpty() && changes.getFirst().state().sequence() <= sequence) {
            Change change = changes.removeFirst();
            newest.remove(change.key(), change.state());
        }
    }

    /// Forgets a record that was refused.
    public void refused(long sequence) {
        changes.removeIf(change -> change.state().sequence() == sequence);
        newest.clear();
        changes.forEach(change -> newest.put(change.key(), change.state()));
    }
}
