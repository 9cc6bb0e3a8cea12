package io.caskade.server.listener.redis.command;

import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.ReadHold;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One command that a client has sent. Its arrays are shared and must not be changed.
public final class Call {

    private final RedisCommand command;
    private final byte[][] arguments;
    private final Client client;
    private final ReadBudget reads;
    private final @Nullable ReadHold shared;
    private final @Nullable Call outer;
    private final @Nullable TransactionView transactionView;

    private @Nullable ReadHold own;
    private boolean readsReplica;
    private boolean mayHaveWritten;
    private boolean givenUp;

    /// @param arguments its name first
    /// @param reads bounds the values that are being read or not yet sent
    /// @param shared holds the values of replies that are written at once; null when this reply must wait
    public Call(RedisCommand command, byte[][] arguments, Client client, ReadBudget reads, @Nullable ReadHold shared) {
        this.command = command;
        this.arguments = arguments;
        this.client = client;
        this.reads = reads;
        this.shared = shared;
        this.outer = null;
        this.transactionView = null;
    }

    private Call(RedisCommand command, byte[][] arguments, Call outer, @Nullable TransactionView transactionView) {
        this.command = command;
        this.arguments = arguments;
        this.client = outer.client;
        this.reads = outer.reads;
        this.shared = null;
        this.outer = outer;
        this.transactionView = transactionView;
    }

    /// A command of the transaction that this call executes; what it reads is held by this call.
    ///
    /// @param view those it reads and writes; null for the store's own
    Call execute(RedisCommand queued, byte[][] words, @Nullable TransactionView view) {
        return new Call(queued, words, this, view);
    }

    /// What it calls.
    public RedisCommand command() {
        return command;
    }

    /// The client that sent it.
    public Client client() {
        return client;
    }

    /// The records of the transaction that it belongs to; null outside of one.
    @Nullable
    TransactionView transactionView() {
        return transactionView;
    }

    /// Its arguments, its name first.
    byte[][] arguments() {
        return arguments;
    }

    /// How many arguments it has, its name included.
    public int size() {
        return arguments.length;
    }

    /// An argument; 0 is its name.
    public byte[] argument(int index) {
        return arguments[index];
    }

    /// The arguments from one on, copied.
    byte[][] from(int index) {
        return Arrays.copyOfRange(arguments, index, arguments.length);
    }

    /// An argument that must be a whole number.
    long integer(int index) {
        return Arguments.integer(arguments[index]);
    }

    /// Whether an argument is a word, in whatever case.
    boolean is(int index, String word) {
        return Arguments.is(arguments[index], word);
    }

    /// Reads from this node's copies, though another node leads. Called before it is carried out.
    void readReplica() {
        readsReplica = true;
    }

    /// Whether it reads from this node's copies.
    boolean isReadingReplica() {
        return readsReplica;
    }

    /// Called before a write is sent.
    ///
    /// @throws CommandRefusedException when the call was given up
    void beginWrite() {
        if (outer != null) {
            outer.beginWrite();
            return;
        }
        synchronized (this) {
            if (givenUp) {
                throw new CommandRefusedException(Reason.BUSY, "the command took too long; nothing was done");
            }
            mayHaveWritten = true;
        }
    }

    /// The only write that was sent has certainly done nothing.
    void undoWrite() {
        if (outer != null) {
            outer.undoWrite();
            return;
        }
        synchronized (this) {
            mayHaveWritten = false;
        }
    }

    /// Its client waits no longer: unless a write was sent, none will be.
    ///
    /// @return whether nothing was done
    public synchronized boolean giveUp() {
        givenUp = true;
        return !mayHaveWritten;
    }

    /// Takes room for a value whose reply is written at once.
    ///
    /// @return false when the reply must wait, or there is no room
    boolean tryTakeShared(long bytes) {
        ReadHold batch = shared;
        return batch != null && batch.tryTake(bytes);
    }

    /// Holds the bytes of the reply, until it was written.
    synchronized ReadHold hold() {
        if (outer != null) {
            return outer.hold();
        }
        ReadHold hold = own;
        if (hold == null) {
            hold = new ReadHold(reads);
            own = hold;
        }
        return hold;
    }

    /// What holds the bytes of the reply; null when nothing does.
    public synchronized @Nullable ReadHold takenHold() {
        return own;
    }
}
