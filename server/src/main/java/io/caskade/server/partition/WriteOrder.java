package io.caskade.server.partition;

import io.caskade.server.command.Command;
import io.caskade.server.partition.CommandExecutor.PendingWrite;
import io.caskade.server.partition.CopyReader.Fetched;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Brings the writes of each key to their decision in the order in which they came, also while the record that
/// the first of them needs is fetched. Event loop only.
final class WriteOrder {

    private final CopyReader reader;
    private final InFlightKeys inFlight;
    private final Dependencies dependencies;
    private final BiConsumer<PendingWrite, @Nullable Fetched> decision;

    /// The writes of each key whose record is being fetched, oldest first; never empty.
    private final Map<ByteBuffer, Deque<PendingWrite>> waiting = new HashMap<>();

    /// @param decision decides a write or fails it, given its key's committed record; null when the write
    ///     needs none, or the key has a newer record in flight
    WriteOrder(
            CopyReader reader,
            InFlightKeys inFlight,
            Dependencies dependencies,
            BiConsumer<PendingWrite, @Nullable Fetched> decision) {
        this.reader = reader;
        this.inFlight = inFlight;
        this.dependencies = dependencies;
        this.decision = decision;
    }

    /// Decides a write once all writes of its key that were added before are decided.
    void add(PendingWrite write) {
        ByteBuffer key = ByteBuffer.wrap(write.command().key());
        Deque<PendingWrite> before = waiting.get(key);
        if (before != null) {
            before.add(write);
        } else if (isDecidable(write, null)) {
            decision.accept(write, null);
        } else {
            waiting.computeIfAbsent(key, _ -> new ArrayDeque<>()).add(write);
            fetchFor(key, write);
        }
    }

    private boolean isDecidable(PendingWrite write, @Nullable Fetched fetched) {
        Command command = write.command();
        return !command.needsRecord()
                || inFlight.of(command.key()) != null
                || (fetched != null && fetched.isCurrentIn(reader.store()));
    }

    private void fetchFor(ByteBuffer key, PendingWrite first) {
        try {
            dependencies.workers().execute(() -> fetch(key, first));
        } catch (RuntimeException e) {
            failFirst(key, e);
        }
    }

    private void fetch(ByteBuffer key, PendingWrite first) {
        try {
            Fetched fetched = reader.fetch(
                    first.command().key(), first.hold(), first.command().bytes());
            dependencies.loop().execute(() -> decideWaiting(key, fetched));
        } catch (RuntimeException | Error e) {
            dependencies.loop().execute(() -> failFirst(key, e));
        }
    }

    private void decideWaiting(ByteBuffer key, @Nullable Fetched fetched) {
        Deque<PendingWrite> writes = waiting.getOrDefault(key, new ArrayDeque<>());
        PendingWrite first = writes.peek();
        while (first != null) {
            if (!isDecidable(first, fetched)) {
                fetchFor(key, first);
                return;
            }
            writes.remove();
            decision.accept(first, first.command().needsRecord() ? fetched : null);
            first = writes.peek();
        }
        waiting.remove(key);
    }

    /// Each write that waits fetches for itself, if it must.
    private void failFirst(ByteBuffer key, Throwable failure) {
        Deque<PendingWrite> writes = waiting.get(key);
        PendingWrite first = writes == null ? null : writes.poll();
        if (first != null) {
            first.fail(failure);
        }
        decideWaiting(key, null);
    }
}
