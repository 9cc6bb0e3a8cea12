package io.caskade.server.partition;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.replica.CatchUpThrottle;
import java.util.concurrent.Semaphore;

/// What all partitions of a node share of its memory and its network. Thread-safe.
///
/// Each partition has bounds of its own beside these, so that none takes everything.
public final class NodeBudgets {

    /// Hints that are written at a time.
    public static final int MAX_HINTS = 2;

    private final ByteBudget writes;
    private final ByteBudget appends;
    private final CatchUpThrottle throttle;
    private final Semaphore hints = new Semaphore(MAX_HINTS);

    /// @param maxWriteBytes maximum bytes of clients' writes in flight
    /// @param maxAppendBytes maximum bytes of received appends that are not stored yet
    /// @param throttle limits what is sent to copies that are not in sync
    public NodeBudgets(long maxWriteBytes, long maxAppendBytes, CatchUpThrottle throttle) {
        this.writes = new ByteBudget(maxWriteBytes);
        this.appends = new ByteBudget(maxAppendBytes);
        this.throttle = throttle;
    }

    /// No bounds but the partitions' own.
    public static NodeBudgets unlimited() {
        return unlimited(CatchUpThrottle.unlimited());
    }

    /// No bounds but the partitions' own, and a throttle.
    public static NodeBudgets unlimited(CatchUpThrottle throttle) {
        return new NodeBudgets(Long.MAX_VALUE, Long.MAX_VALUE, throttle);
    }

    /// The bytes of clients' writes in flight.
    public ByteBudget writes() {
        return writes;
    }

    ByteBudget appends() {
        return appends;
    }

    CatchUpThrottle throttle() {
        return throttle;
    }

    Semaphore hints() {
        return hints;
    }
}
