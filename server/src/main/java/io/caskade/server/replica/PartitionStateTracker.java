package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The partition's state as this replica knows it: the newest version it has seen, and its own compare-and-set
/// while the outcome is unknown.
final class PartitionStateTracker {

    /// What a state that was seen says.
    enum Update {
        /// Nothing: it is old, or was seen before.
        STALE,
        /// That nothing had changed when it was read, after the outcome of a compare-and-set was lost.
        CONFIRMED,
        /// It is a newer one.
        NEWER
    }

    private final Timeouts timeouts;
    private @Nullable Versioned<PartitionState> state;

    /// The compare-and-set that was sent and is not settled, and whether it has to be found out what became of
    /// it.
    private Effects.@Nullable StateWrite pendingWrite;

    private boolean outcomeUnknown;

    /// Whether an earlier attempt at the pending write may still take effect.
    private boolean attempted;

    /// Whether the last write could not be made, and no state was seen since.
    private boolean unreachable;

    private @Nullable ClockReading askedAt;

    /// Kept, since it is asked for with every event.
    private Set<CopyId> maximalIsr = Set.of();

    PartitionStateTracker(Timeouts timeouts) {
        this.timeouts = timeouts;
    }

    boolean isKnown() {
        return state != null;
    }

    /// The newest that was seen, once one was.
    Versioned<PartitionState> newest() {
        return Objects.requireNonNull(state);
    }

    PartitionState current() {
        return newest().value();
    }

    int epoch() {
        return state == null ? 0 : state.value().epoch();
    }

    /// Takes a state in. Images repeat the state of a partition whenever another one's changes. A version that
    /// was seen before says something only when the outcome of a compare-and-set was lost.
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

    /// A newer version than the expected one settles a compare-and-set, won or lost; the expected one settles
    /// nothing: the write may still be on its way, so the same one is sent again, and only one of the two can
    /// win.
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

    /// Asks for a change of the newest state.
    void write(PartitionState next, Effects.Builder effects) {
        int expected = newest().version();
        pendingWrite = new Effects.StateWrite(next, expected);
        attempted = false;
        effects.writeState(next, expected);
        updateMaximalIsr();
    }

    /// Whether a change was asked for that is not settled.
    boolean hasPendingWrite() {
        return pendingWrite != null;
    }

    /// Whether a change may be asked for: none is on its way, and no outcome is unknown.
    boolean mayWrite() {
        return pendingWrite == null && !outcomeUnknown;
    }

    /// The copies in sync, and those that a requested change may have added, unless it is known to be lost. The
    /// same object until that changes.
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

    /// Whatever is seen next says what became of the write.
    void markOutcomeUnknown() {
        outcomeUnknown = true;
    }

    /// The last attempt at the write was not made.
    ///
    /// @return whether none was, so that the write is given up; it may be requested again once the state was read
    boolean abandonWrite(ClockReading now, Effects.Builder effects) {
        boolean never = !attempted;
        if (never) {
            pendingWrite = null;
            updateMaximalIsr();
        }
        unreachable = true;
        outcomeUnknown = true;
        read(now, effects);
        return never;
    }

    /// Whether the state cannot be changed now, as far as is known.
    boolean isUnreachable() {
        return unreachable;
    }

    /// Asks what became of a write.
    void resolveOutcome(ClockReading now, Effects.Builder effects) {
        attempted = true;
        outcomeUnknown = true;
        read(now, effects);
    }

    /// Asks again, if that was not found out yet.
    void retryResolvingOutcome(ClockReading now, Effects.Builder effects) {
        if (outcomeUnknown) {
            read(now, effects);
        }
    }

    /// Reads the state again, for when no image of the cluster may come any more.
    void refresh(ClockReading now, Effects.Builder effects) {
        read(now, effects);
    }

    /// A message has named an epoch that this copy may not have seen.
    void onEpoch(int epoch, ClockReading now, Effects.Builder effects) {
        if (epoch() < epoch) {
            read(now, effects);
        }
    }

    /// Reads the state, but not all the time: what keeps the answer away may last.
    private void read(ClockReading now, Effects.Builder effects) {
        if (askedAt == null || now.since(askedAt) >= timeouts.retry()) {
            askedAt = now;
            effects.readState();
        }
    }
}
