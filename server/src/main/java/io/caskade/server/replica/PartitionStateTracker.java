package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The newest version of the partition's state that this replica has seen, and its own compare-and-set while
/// the outcome is unknown.
final class PartitionStateTracker {

    /// What an observed state means.
    enum Update {
        /// It is old, or was seen before.
        STALE,
        /// The state had not changed when it was read after the outcome of a compare-and-set was lost.
        CONFIRMED,
        /// It is a newer one.
        NEWER
    }

    private final Timeouts timeouts;
    private @Nullable Versioned<PartitionState> state;

    /// The compare-and-set in flight, and whether its outcome must be resolved by a read.
    private Effects.@Nullable StateWrite pendingWrite;

    private boolean outcomeUnknown;

    /// Whether an earlier attempt at the pending write may still take effect.
    private boolean attempted;

    /// Whether the last write could not be made, or nothing is known of it, and no state was seen since.
    private boolean unreachable;

    private @Nullable ClockReading askedAt;

    /// Cached, because every event needs it.
    private Set<CopyId> maximalIsr = Set.of();

    PartitionStateTracker(Timeouts timeouts) {
        this.timeouts = timeouts;
    }

    boolean isKnown() {
        return state != null;
    }

    /// The newest observed state; only once one was observed.
    Versioned<PartitionState> newest() {
        return Objects.requireNonNull(state);
    }

    PartitionState current() {
        return newest().value();
    }

    int epoch() {
        return state == null ? 0 : state.value().epoch();
    }

    /// Observes a state. Images repeat a partition's state whenever another one's changes. A version seen
    /// before is news only when the outcome of a compare-and-set was lost.
    Update observe(Versioned<PartitionState> seen, Effects.Builder effects) {
        boolean older = state != null && seen.version() < state.version();
        boolean repeated = state != null && seen.version() == state.version() && !outcomeUnknown;
        if (older || repeated) {
            return Update.STALE;
        }
        boolean changed = state == null || seen.version() > state.version();
        state = seen;
        outcomeUnknown = false;
        unreachable = false;
        settleOrResendWrite(seen, effects);
        updateMaximalIsr();
        return changed ? Update.NEWER : Update.CONFIRMED;
    }

    /// A newer version than the expected one decides a compare-and-set, won or lost. The expected version
    /// decides nothing: the write may still be in flight, so it is sent again; only one of the two can win.
    private void settleOrResendWrite(Versioned<PartitionState> seen, Effects.Builder effects) {
        Effects.StateWrite sent = pendingWrite;
        if (sent == null) {
            return;
        }
        if (seen.version() > sent.expectedVersion()) {
            pendingWrite = null;
        } else {
            effects.writeState(sent.next(), sent.expectedVersion());
        }
    }

    /// Sends a compare-and-set against the newest state.
    void write(PartitionState next, Effects.Builder effects) {
        int expected = newest().version();
        pendingWrite = new Effects.StateWrite(next, expected);
        attempted = false;
        effects.writeState(next, expected);
        updateMaximalIsr();
    }

    /// Whether a compare-and-set is undecided.
    boolean hasPendingWrite() {
        return pendingWrite != null;
    }

    /// Whether a compare-and-set may be sent: none is in flight, and no outcome is unknown.
    boolean mayWrite() {
        return pendingWrite == null && !outcomeUnknown;
    }

    /// The maximal ISR: the state's ISR plus the copies that an undecided change may have added. The same
    /// object until it changes.
    Set<CopyId> maximalIsr() {
        return maximalIsr;
    }

    private void updateMaximalIsr() {
        Set<CopyId> maximal = new HashSet<>(current().isr());
        if (pendingWrite != null) {
            maximal.addAll(pendingWrite.next().isr());
        }
        maximalIsr = Set.copyOf(maximal);
    }

    /// The next state read resolves the pending write.
    void markOutcomeUnknown() {
        outcomeUnknown = true;
    }

    /// The last attempt at the write was not made.
    ///
    /// @return whether none was, so that the write is given up; it may be requested again once the state was
    ///     read
    boolean abandonWrite(ClockReading now, Effects.Builder effects) {
        boolean never = !attempted;
        if (never) {
            pendingWrite = null;
            updateMaximalIsr();
        }
        outcomeUnknown = true;
        unreachable = true;
        read(now, effects);
        return never;
    }

    /// Whether the state cannot be changed now, as far as is known.
    boolean isUnreachable() {
        return unreachable;
    }

    /// Reads the state to learn the outcome of the pending write.
    void resolveOutcome(ClockReading now, Effects.Builder effects) {
        unreachable = true;
        attempted = true;
        outcomeUnknown = true;
        read(now, effects);
    }

    /// Reads it again if the outcome is still unknown.
    void retryResolvingOutcome(ClockReading now, Effects.Builder effects) {
        if (outcomeUnknown) {
            read(now, effects);
        }
    }

    /// Reads the state, for when no more cluster images may come.
    void refresh(ClockReading now, Effects.Builder effects) {
        read(now, effects);
    }

    /// Reads the state if a message named an epoch that this copy has not seen.
    void onEpoch(int epoch, ClockReading now, Effects.Builder effects) {
        if (epoch() < epoch) {
            read(now, effects);
        }
    }

    /// Reads the state, at most once per retry interval.
    private void read(ClockReading now, Effects.Builder effects) {
        if (askedAt == null || now.since(askedAt) >= timeouts.retry()) {
            askedAt = now;
            effects.readState();
        }
    }
}
