package io.caskade.server.listener;

/// The bytes of one call's answer, held until the call has ended: its answer was written out, or its client is
/// gone. Thread-safe.
public final class ReadHold {

    private final ReadBudget.Account account;

    // Guarded by this.
    private long held;
    private long largeHeld;
    private boolean ended;

    /// Begins a call, before anything is sent.
    public ReadHold(ReadBudget budget) {
        this.account = budget.open();
    }

    /// Takes the bytes of another value if they fit now and no other read waits for them.
    public boolean tryTake(long bytes) {
        boolean taken = account.tryTake(bytes);
        if (taken) {
            add(bytes);
        }
        return taken;
    }

    /// Takes the bytes of another value before it is read. May block.
    ///
    /// @throws io.caskade.server.command.CommandRefusedException when they do not come in time
    public void take(long bytes) {
        account.take(bytes);
        add(bytes);
    }

    private synchronized void add(long bytes) {
        if (ended) {
            account.release(bytes);
        } else {
            held += bytes;
            largeHeld += large(bytes);
        }
    }

    /// Holds the bytes of the answer instead of all that were taken for it.
    public synchronized void settle(long actual) {
        if (!ended) {
            account.settle(0, actual);
            account.release(held, largeHeld);
            held = actual;
            largeHeld = large(actual);
        }
    }

    /// Whether it holds any bytes.
    public synchronized boolean isHolding() {
        return held > 0;
    }

    /// Gives all bytes back, also those that are taken later. Idempotent.
    public synchronized void end() {
        ended = true;
        account.release(held, largeHeld);
        held = 0;
        largeHeld = 0;
    }

    private static long large(long bytes) {
        return bytes > ReadBudget.SMALL_BYTES ? bytes : 0;
    }
}
