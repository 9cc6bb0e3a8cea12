package io.caskade.server.partition;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.replica.RecordDraft;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The keys' states after the records in flight: conditions are decided against them before they are committed.
/// Event loop only.
public final class InFlightKeys {

    /// A key's future state: a record or none.
    ///
    /// @param sequence the sequence that must be committed before an answer based on it is given
    public record State(@Nullable StoredRecord record, long sequence) {}

    private record Change(ByteBuffer key, State state, ByteBudget.Hold hold) {}

    /// By sequence.
    private final NavigableMap<Long, Change> changes = new TreeMap<>();

    /// Each key's changes, oldest first; never empty.
    private final Map<ByteBuffer, Deque<State>> states = new HashMap<>();

    /// The first sequence of each batch of several records, oldest first.
    private final Deque<Long> batches = new ArrayDeque<>();

    /// The key's newest change in flight, or null.
    public @Nullable State of(byte[] key) {
        Deque<State> ofKey = states.get(ByteBuffer.wrap(key));
        return ofKey == null ? null : ofKey.getLast();
    }

    /// Adds a proposed record, which will have `sequence`, greater than all before. Its bytes are held until it
    /// is removed.
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

    /// Adds the records of a batch, the first of which will have `sequence`, as above.
    public void add(List<RecordDraft> drafts, long sequence, ByteBudget.Hold hold) {
        for (int i = 0; i < drafts.size(); i++) {
            add(drafts.get(i), sequence + i, hold);
        }
        if (drafts.size() > 1) {
            batches.addLast(sequence);
        }
    }

    /// Whether a batch of several records is at or before a sequence.
    public boolean hasBatchUpTo(long sequence) {
        Long first = batches.peekFirst();
        return first != null && first <= sequence;
    }

    /// Removes the committed changes.
    public void removeUpTo(long sequence) {
        NavigableMap<Long, Change> committed = changes.headMap(sequence, true);
        committed.values().forEach(this::forget);
        committed.clear();
        while (hasBatchUpTo(sequence)) {
            batches.removeFirst();
        }
    }

    /// Removes the change of a refused record.
    public void removeRefused(long sequence) {
        Change change = changes.remove(sequence);
        if (change != null) {
            forget(change);
        }
    }

    /// Removes the changes of a refused batch, as above: the newest first, since a key's changes are removed
    /// from either end.
    public void removeRefused(long sequence, int records) {
        for (long each = sequence + records - 1; each >= sequence; each--) {
            removeRefused(each);
        }
        batches.remove(sequence);
    }

    /// Removes everything: the copy leads no more, and its log will show what became of the records.
    public void clear() {
        changes.values().forEach(change -> change.hold().release());
        changes.clear();
        states.clear();
        batches.clear();
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
