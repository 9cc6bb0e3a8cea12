package io.caskade.server.transport;

import io.caskade.server.replica.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// What waits to be sent on one stream, bounded in bytes: a node that reads nothing costs no more memory than that.
///
/// Safe for use by any thread; one thread takes.
final class Outbox {

    /// What a message takes besides its batches and its history of epochs, roughly.
    private static final int MESSAGE_BYTES = 128;

    private static final int EPOCH_BYTES = 16;

    /// What goes when there is too much.
    enum WhenFull {
        LEAVE_OUT_THE_OLDEST,
        LEAVE_OUT_THE_NEWEST
    }

    /// What somebody wants sent.
    record Letter(int partition, Message message, long bytes) {
        Letter(int partition, Message message) {
            this(partition, message, MESSAGE_BYTES + contentBytes(message));
        }

        private static long contentBytes(Message message) {
            return switch (message) {
                case Message.Chunk chunk -> chunk.batches().bytes();
                case Message.Open open ->
                    (long) EPOCH_BYTES * open.epochs().starts().size();
                case Message.Opened opened ->
                    (long) EPOCH_BYTES * opened.epochs().starts().size();
                case Message.Ack _,
                        Message.Beacon _,
                        Message.BeaconAnswer _,
                        Message.Closed _,
                        Message.Inquiry _,
                        Message.Standing _,
                        Message.Superseded _ -> 0;
            };
        }
    }

    private final long mostBytes;
    private final WhenFull whenFull;

    // All below is guarded by this.
    private final Deque<Letter> letters = new ArrayDeque<>();
    private long bytes;
    private boolean awaited = true;

    Outbox(long mostBytes, WhenFull whenFull) {
        this.mostBytes = mostBytes;
        this.whenFull = whenFull;
    }

    /// Puts a letter in. One alone is taken whatever its size.
    ///
    /// @return whether whoever takes letters must be told that there are some again
    synchronized boolean put(Letter letter) {
        while (whenFull == WhenFull.LEAVE_OUT_THE_OLDEST && !letters.isEmpty() && bytes + letter.bytes() > mostBytes) {
            bytes -= letters.removeFirst().bytes();
        }
        if (letters.isEmpty() || bytes + letter.bytes() <= mostBytes) {
            letters.addLast(letter);
            bytes += letter.bytes();
        }
        boolean wake = awaited;
        awaited = false;
        return wake;
    }

    /// Takes the oldest letters, up to so many bytes but at least one. Whoever finds none is told when there are
    /// some again; nobody else is.
    synchronized List<Letter> take(long atMostBytes) {
        if (letters.isEmpty()) {
            awaited = true;
            return List.of();
        }
        List<Letter> taken = new ArrayList<>();
        long takenBytes = 0;
        do {
            Letter letter = letters.removeFirst();
            taken.add(letter);
            takenBytes += letter.bytes();
        } while (!letters.isEmpty() && takenBytes + letters.getFirst().bytes() <= atMostBytes);
        bytes -= takenBytes;
        return taken;
    }

    /// How many bytes wait.
    synchronized long bytes() {
        return bytes;
    }

    /// Throws everything away.
    synchronized void clear() {
        letters.clear();
        bytes = 0;
    }
}
