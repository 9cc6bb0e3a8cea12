package io.caskade.server.listener.redis.command;

import java.util.BitSet;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// One connection of a client, as commands see it: what it has set, and what is shown of it. Changed by its
/// connection's thread alone, and by the thread that executes its transaction; any thread may read it.
public final class Client {

    private final long id;
    private final String address;
    private final String localAddress;
    private final Runnable close;
    private final LongSupplier nanoTime;
    private final boolean redirected;
    private final long openedNanos;
    private final Transaction transaction = new Transaction();
    private final OrderedWrites writes = new OrderedWrites();

    private volatile long activeNanos;
    private volatile String name = "";
    private volatile String library = "";
    private volatile String libraryVersion = "";
    private volatile String lastCommand = "NULL";
    private volatile boolean resp3;
    private volatile boolean repliesOff;
    private volatile boolean skipsNext;
    private volatile boolean skipsThis;
    private volatile int unansweredBytes;
    private volatile boolean noEvict;
    private volatile boolean noTouch;
    private volatile boolean clusterMode;
    private volatile boolean readOnly;
    private volatile boolean ending;

    /// For its connection's thread.
    private final BitSet writtenPartitions = new BitSet();

    /// @param address where it comes from, `host:port`
    /// @param localAddress where it is connected to
    /// @param close closes the connection, from any thread
    /// @param nanoTime the monotonic clock
    /// @param redirected whether it is in cluster mode from the start
    Client(long id, String address, String localAddress, Runnable close, LongSupplier nanoTime, boolean redirected) {
        this.id = id;
        this.address = address;
        this.localAddress = localAddress;
        this.close = close;
        this.nanoTime = nanoTime;
        this.redirected = redirected;
        this.openedNanos = nanoTime.getAsLong();
        this.activeNanos = openedNanos;
    }

    /// What it watches and queues.
    public Transaction transaction() {
        return transaction;
    }

    /// Its writes that follow one another without waiting.
    OrderedWrites writes() {
        return writes;
    }

    /// Its number; never used again.
    public long id() {
        return id;
    }

    String address() {
        return address;
    }

    String localAddress() {
        return localAddress;
    }

    String name() {
        return name;
    }

    void setName(String newName) {
        name = newName;
    }

    void setLibrary(String newLibrary) {
        library = newLibrary;
    }

    void setLibraryVersion(String version) {
        libraryVersion = version;
    }

    /// Whether it gets its replies in RESP3.
    public boolean isResp3() {
        return resp3;
    }

    void setResp3(boolean newResp3) {
        resp3 = newResp3;
    }

    /// Whether it wants no replies for now.
    public boolean hasRepliesOff() {
        return repliesOff;
    }

    void turnRepliesOff() {
        repliesOff = true;
    }

    /// From now on it gets replies, also to the command that turns them on.
    void turnRepliesOn() {
        repliesOff = false;
        skipsThis = false;
    }

    void skipNextReply() {
        skipsNext = true;
    }

    /// A command begins: whether its reply is skipped was told by the one before it.
    public void beginReply() {
        boolean skip = skipsNext;
        if (skip || skipsThis) {
            skipsThis = skip;
            skipsNext = false;
        }
    }

    /// Whether the reply of the command that began last is skipped.
    public boolean skipsReply() {
        return skipsThis;
    }

    /// Notes how many bytes of it were received and belong to commands that have not begun, or just begin.
    public void setUnansweredBytes(int bytes) {
        unansweredBytes = bytes;
    }

    void setNoEvict(boolean set) {
        noEvict = set;
    }

    void setNoTouch(boolean set) {
        noTouch = set;
    }

    /// Whether it knows which node serves which keys, and is redirected when it asks another one.
    boolean isInClusterMode() {
        return redirected || clusterMode;
    }

    void enterClusterMode() {
        clusterMode = true;
    }

    /// Whether it wants to read what this node's copies have, even if another node leads.
    boolean isReadOnly() {
        return readOnly;
    }

    void setReadOnly(boolean set) {
        readOnly = set;
    }

    /// Notes that it writes to a partition. For its connection's thread.
    void noteWrite(int partition) {
        writtenPartitions.set(partition);
    }

    /// The partitions that it has written to. For its connection's thread.
    BitSet writtenPartitions() {
        return writtenPartitions;
    }

    /// Back to what a new connection has. What it has written stays written.
    void reset() {
        transaction.discard();
        name = "";
        resp3 = false;
        repliesOff = false;
        skipsNext = false;
        skipsThis = false;
        noEvict = false;
        noTouch = false;
        clusterMode = false;
        readOnly = false;
    }

    /// Whether the connection is closed once the reply that is next was written.
    public boolean isEnding() {
        return ending;
    }

    void endAfterReply() {
        ending = true;
    }

    void kill() {
        close.run();
    }

    /// Notes that it sent a command.
    public void countCommand(RedisCommand command) {
        lastCommand = command.name();
        activeNanos = nanoTime.getAsLong();
    }

    long ageSeconds() {
        return TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - openedNanos);
    }

    /// The line of `CLIENT LIST`.
    String line() {
        long idle = TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - activeNanos);
        OptionalInt queued = transaction.size();
        String flags =
                (queued.isPresent() ? "x" : "") + (readOnly ? "r" : "") + (noEvict ? "e" : "") + (noTouch ? "T" : "");
        return "id=" + id
                + " addr=" + address
                + " laddr=" + localAddress
                + " fd=" + id
                + " name=" + name
                + " age=" + ageSeconds()
                + " idle=" + idle
                + " flags=" + (flags.isEmpty() ? "N" : flags)
                + " db=0 sub=0 psub=0 ssub=0 multi=" + queued.orElse(-1)
                + " qbuf=" + unansweredBytes
                + " qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0"
                + " obl=0 oll=0 omem=0 tot-mem=0 events=r"
                + " cmd=" + lastCommand
                + " user=default redir=-1"
                + " resp=" + (resp3 ? 3 : 2)
                + " lib-name=" + library
                + " lib-ver=" + libraryVersion;
    }
}
