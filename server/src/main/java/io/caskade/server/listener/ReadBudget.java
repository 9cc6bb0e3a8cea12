package io.caskade.server.listener;

import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Bounds the memory of all clients' reads: a value's bytes are taken before it is read and given back when
/// its answer has been written to the socket, however slow the client is.
///
/// A quarter is kept for small values, so that slow readers of large ones do not stop all others; and no
/// client holds more than a quarter of the rest while it has anything else outstanding. What does not fit
/// waits briefly, the clients taking turns, and is refused then. A value that is larger than all that is read
/// alone.
///
/// Thread-safe. Small values take no lock unless a read waits.
public final class ReadBudget {

    /// Values up to this size are small.
    public static final int SMALL_BYTES = 16 << 10;

    /// How long a read waits for its bytes: less than clients wait for an attempt.
    public static final long MAX_WAIT_MILLIS = 500;

    private static final int PARTS = 4;

    private final long limit;
    private final long largeLimit;
    private final long share;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong largeUsed = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by the lock; its length can be read without.
    private final Deque<Waiter> waiting = new ArrayDeque<>();

    private volatile int waiters;

    /// How many large values were admitted; guarded by the lock.
    private long turns;

    /// A read that waits for its bytes; guarded by the lock.
    private static final class Waiter {
        private final Account account;
        private final long bytes;
        private final Condition taken;
        private boolean done;

        Waiter(Account account, long bytes, Condition taken) {
            this.account = account;
            this.bytes = bytes;
            this.taken = taken;
        }

        /// Small values do not wait behind large ones, for which there may be no room yet.
        private boolean isBefore(Waiter other) {
            boolean isSmall = bytes <= SMALL_BYTES;
            boolean isOtherSmall = other.bytes <= SMALL_BYTES;
            return isSmall == isOtherSmall ? account.lastTurn < other.account.lastTurn : isSmall;
        }
    }

    /// The bytes of one client's stream or call. Thread-safe.
    public final class Account {

        private final AtomicLong held = new AtomicLong();
        private final AtomicLong largeHeld = new AtomicLong();

        /// When it last got a large value; guarded by the lock.
        private long lastTurn;

        private Account() {}

        /// The bytes held.
        public long held() {
            return held.get();
        }

        /// Takes bytes if they fit now and no other read waits for them.
        public boolean tryTake(long bytes) {
            return bytes == 0 || (bytes <= SMALL_BYTES ? tryTakeSmall(bytes) : tryTakeLarge(bytes));
        }

        private boolean tryTakeSmall(long bytes) {
            while (true) {
                long before = used.get();
                if (before != 0 && before + bytes > limit) {
                    return false;
                }
                if (used.compareAndSet(before, before + bytes)) {
                    held.addAndGet(bytes);
                    return true;
                }
            }
        }

        private boolean tryTakeLarge(long bytes) {
            lock.lock();
            try {
                return waiting.isEmpty() && takeIfItFits(bytes);
            } finally {
                lock.unlock();
            }
        }

        /// Called with the lock.
        private boolean takeIfItFits(long bytes) {
            return bytes <= SMALL_BYTES ? tryTakeSmall(bytes) : mayHold(bytes) && takeLargeIfItFits(bytes);
        }

        /// Whether this client has not more than its share.
        private boolean mayHold(long bytes) {
            return bytes <= SMALL_BYTES || largeHeld.get() == 0 || largeHeld.get() + bytes <= share;
        }

        private boolean takeLargeIfItFits(long bytes) {
            boolean fits = largeUsed.get() + bytes <= largeLimit && used.get() + bytes <= limit;
            if (!fits && largeUsed.get() != 0) {
                return false;
            }
            add(bytes);
            lastTurn = ++turns;
            return true;
        }

        /// Takes bytes, and waits for them if need be. Blocks.
        ///
        /// @throws CommandRefusedException when they did not come in time
        public void take(long bytes) {
            if (tryTake(bytes)) {
                return;
            }
            lock.lock();
            try {
                Waiter waiter = new Waiter(this, bytes, lock.newCondition());
                waiting.addLast(waiter);
                waiters = waiting.size();
                // What was given back before it was counted as waiting woke no read.
                admit();
                try {
                    await(waiter);
                } finally {
                    if (!waiter.done) {
                        waiting.remove(waiter);
                        waiters = waiting.size();
                        admit();
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        /// Replaces the bytes that were taken for an answer by those it has.
        public void settle(long taken, long actual) {
            if (taken != actual) {
                add(actual);
                release(taken);
            }
        }

        private void add(long bytes) {
            used.addAndGet(bytes);
            held.addAndGet(bytes);
            if (bytes > SMALL_BYTES) {
                largeUsed.addAndGet(bytes);
                largeHeld.addAndGet(bytes);
            }
        }

        /// Gives back the bytes of one answer.
        public void release(long bytes) {
            release(bytes, bytes > SMALL_BYTES ? bytes : 0);
        }

        /// Gives back the bytes of several answers.
        ///
        /// @param large those of them that belong to large values
        public void release(long bytes, long large) {
            if (bytes == 0) {
                return;
            }
            held.addAndGet(-bytes);
            used.addAndGet(-bytes);
            if (large != 0) {
                largeHeld.addAndGet(-large);
                largeUsed.addAndGet(-large);
            }
            if (waiters > 0) {
                lock.lock();
                try {
                    admit();
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    /// Starts with nothing held.
    ///
    /// @param limit the bytes of all reads together, the setting `limits.reads`
    public ReadBudget(long limit) {
        this.limit = limit;
        this.largeLimit = limit - limit / PARTS;
        this.share = largeLimit / PARTS;
    }

    /// Begins the account of a client's stream or call.
    public Account open() {
        return new Account();
    }

    /// How many bytes one stream may hold before no more of its requests are read.
    public long share() {
        return share;
    }

    /// How many reads wait.
    int waiting() {
        return waiters;
    }

    /// How many bytes are held.
    public long used() {
        return used.get();
    }

    private void await(Waiter waiter) {
        long left = TimeUnit.MILLISECONDS.toNanos(MAX_WAIT_MILLIS);
        boolean interrupted = false;
        while (!waiter.done && left > 0 && !interrupted) {
            try {
                left = waiter.taken.awaitNanos(left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!waiter.done) {
            throw new CommandRefusedException(
                    Reason.BUSY,
                    "more bytes of values are being read, or wait for their clients, than limits.reads allows, " + limit
                            + " bytes; try again later");
        }
    }

    /// Admits those that fit, one client after the other. Clients with their share are passed over, so that
    /// they hold up none but themselves. Called with the lock.
    private void admit() {
        Waiter next = nextInTurn();
        while (next != null && next.account.takeIfItFits(next.bytes)) {
            waiting.remove(next);
            next.done = true;
            next.taken.signal();
            next = nextInTurn();
        }
        waiters = waiting.size();
    }

    private @Nullable Waiter nextInTurn() {
        Waiter next = null;
        for (Waiter waiter : waiting) {
            if (waiter.account.mayHold(waiter.bytes) && (next == null || waiter.isBefore(next))) {
                next = waiter;
            }
        }
        return next;
    }
}
