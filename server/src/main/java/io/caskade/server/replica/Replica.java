package io.caskade.server.replica;

import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Event.AnswerPrepared;
import io.caskade.server.replica.Role.Claiming;
import io.caskade.server.replica.Role.Draining;
import io.caskade.server.replica.Role.Establishing;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Following;
import io.caskade.server.replica.Role.Serving;
import io.caskade.server.replica.Role.Stopped;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One partition's copy: a pure state machine. An [Event] and the time go in, [Effects] come out.
///
/// Invariant: `watermark ≤ durable end ≤ log end` while the copy awaits its syncs, and `watermark ≤ log end` always.
///
/// This release leads partitions of one replica: the in-sync set is this copy alone, so its own durable end is the
/// least over
/// the set, and no other copy can hold a lease against it.
public final class Replica {

    private static final long STATE_RETRY_MILLIS = 1000;

    private final ReplicaOptions options;
    private final PendingWrites pending;
    private final int recoveredEpoch;

    private Role role = new Following();
    private @Nullable Versioned<PartitionState> state;
    private @Nullable String barredBecause;
    private long logEnd;
    private long durableEnd;
    private long watermark;

    /// What the newest MARK said: the time, and the sequence it named as committed.
    private long markTime;

    private long markedWatermark;

    /// What the MARK of the group that is being appended names; that counts when the group is in the log.
    private long watermarkToBeMarked;

    /// The time an answer has been prepared by: the next MARK tells it, and no later decision goes by an earlier one.
    private long promisedTime;

    private long lastWriteAt;

    /// Whether the outcome of the last compare-and-set has to be found out, and when that was last asked for.
    private boolean stateUnknown;

    private long stateAskedAt;
    private boolean syncing;

    /// A replica over a recovered log.
    ///
    /// @param logEpoch the epoch of the newest record, 0 when there is none
    /// @param logTime the newest time in a committed MARK
    public Replica(ReplicaOptions options, int logEpoch, long logEnd, long durableEnd, long watermark, long logTime) {
        this.options = options;
        this.recoveredEpoch = logEpoch;
        this.logEnd = logEnd;
        this.durableEnd = durableEnd;
        this.watermark = watermark;
        this.markTime = logTime;
        this.pending = new PendingWrites(options.maxInFlightBytes());
    }

    /// Takes one event in.
    ///
    /// @param now the wall clock's Unix milliseconds; may go backwards
    public Effects step(Event event, long now) {
        Effects.Builder effects = new Effects.Builder();
        switch (event) {
            case Event.StateSeen seen -> onState(seen.state(), effects);
            case Event.StateWon won -> onState(won.state(), effects);
            case Event.StateLost lost -> {
                stateUnknown = true;
                onState(lost.state(), effects);
            }
            case Event.StateUnknown _ -> readStateAgain(now, effects);
            case Event.Proposed proposed -> onProposed(proposed.proposal(), effects);
            case AnswerPrepared prepared -> onAnswerPrepared(prepared, effects);
            case Event.TurnEnded _ -> flush(now, effects);
            case Event.Appended _ -> onAppended(effects);
            case Event.AppendRefused _ -> onAppendRefused(effects);
            case Event.Synced synced -> onSynced(synced.durableEnd(), now, effects);
            case Event.DiskFailed failed -> onDiskFailed(failed.reason(), effects);
            case Event.StopRequested _ -> onStop(effects);
            case Event.Ticked _ -> onTick(now, effects);
        }
        checkInvariant();
        return effects.build();
    }

    /// What the replica is now.
    public Role role() {
        return role;
    }

    /// Why the copy may neither lead nor follow, or null.
    public @Nullable String barredBecause() {
        return barredBecause;
    }

    /// The sequence the first record of the next proposal will get if it is proposed now. Known early because
    /// groups are written in the order they are opened, each behind a MARK of its own.
    public long nextSequence() {
        return pending.nextSequence(logEnd);
    }

    /// The time that expiry on this leader goes by: the clock's, unless the log or a client has been told a later one.
    public long leaderTime(long now) {
        return Math.max(now, Math.max(markTime, promisedTime));
    }

    /// Images repeat the state of a partition whenever another one's changes. A version that was seen before says
    /// something only when the outcome of a compare-and-set was lost.
    private void onState(Versioned<PartitionState> seen, Effects.Builder effects) {
        boolean older = state != null && seen.version() < state.version();
        boolean repeated = state != null && seen.version() == state.version() && !stateUnknown;
        if (older || repeated) {
            return;
        }
        state = seen;
        stateUnknown = false;
        switch (role) {
            case Following _ -> claimIfMay(seen, effects);
            case Claiming claiming -> settleClaim(claiming, seen, effects);
            case Establishing establishing -> stepDownIfDeposed(establishing.epoch(), seen, effects);
            case Serving serving -> stepDownIfDeposed(serving.epoch(), seen, effects);
            case Draining draining -> stepDownIfDeposed(draining.epoch(), seen, effects);
            case Stopped _, Fenced _ -> {}
        }
    }

    private void readStateAgain(long now, Effects.Builder effects) {
        stateUnknown = true;
        stateAskedAt = now;
        effects.readState();
    }

    private void claimIfMay(Versioned<PartitionState> seen, Effects.Builder effects) {
        PartitionState current = seen.value();
        if (!current.isReplica(options.self().node())) {
            return;
        }
        barredBecause = null;
        switch (Claim.of(current, options, recoveredEpoch)) {
            case Claim.Lead lead -> {
                PartitionState next =
                        current.withLeadership(options.self(), current.epoch() + 1, Set.of(options.copy()));
                become(new Claiming(next.epoch()));
                effects.writeState(next, seen.version());
                if (lead.losesWrites()) {
                    effects.warn("leads although the machine went down under a durability other than sync: "
                            + "what was acknowledged last may be lost (unclean start)");
                }
            }
            case Claim.Wait wait -> effects.inform(wait.why());
            case Claim.Barred barred -> {
                barredBecause = barred.why();
                effects.warn(barred.why());
            }
        }
    }

    private void settleClaim(Claiming claiming, Versioned<PartitionState> seen, Effects.Builder effects) {
        PartitionState current = seen.value();
        if (current.epoch() == claiming.epoch() && options.self().equals(current.leader())) {
            effects.inform("leads in epoch " + claiming.epoch());
            become(new Establishing(claiming.epoch(), logEnd + 1));
            pending.requireMark();
        } else {
            // Either somebody else won, or the write may still be on its way: then it is sent again from the same
            // version,
            // and only one of the two can win.
            become(new Following());
            claimIfMay(seen, effects);
        }
    }

    private void stepDownIfDeposed(int epoch, Versioned<PartitionState> seen, Effects.Builder effects) {
        PartitionState current = seen.value();
        Leader leader = current.leader();
        if (current.epoch() == epoch && options.self().equals(leader)) {
            return;
        }
        effects.warn("no longer leads: " + (leader == null ? "nobody" : leader.node()) + " does, in epoch "
                + current.epoch());
        become(new Following());
        pending.refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_LEADER, effects);
        claimIfMay(seen, effects);
    }

    private void onProposed(Proposal proposal, Effects.Builder effects) {
        Refusal refusal = refusal();
        if (refusal == null && !pending.hasRoomFor(proposal)) {
            refusal = Refusal.BUSY;
        }
        if (refusal != null) {
            effects.settle(proposal.token(), refusal);
        } else {
            pending.add(proposal);
        }
    }

    private void onAnswerPrepared(AnswerPrepared prepared, Effects.Builder effects) {
        Refusal refusal = refusal();
        if (refusal != null) {
            effects.settle(prepared.token(), refusal);
        } else if (prepared.time() > 0) {
            promisedTime = Math.max(promisedTime, prepared.time());
            pending.addBehindNextMark(prepared.token(), prepared.sequence(), logEnd);
        } else if (prepared.sequence() <= watermark) {
            effects.settle(prepared.token(), null);
        } else {
            pending.addBehind(prepared.token(), prepared.sequence());
        }
    }

    /// Why nothing new is taken, or null.
    private @Nullable Refusal refusal() {
        return switch (role) {
            case Serving _ -> null;
            case Following _, Claiming _ -> Refusal.NOT_LEADER;
            case Establishing _, Draining _, Stopped _ -> Refusal.NOT_SERVING;
            case Fenced _ -> Refusal.COPY_FENCED;
        };
    }

    private void flush(long now, Effects.Builder effects) {
        Integer epoch = leads();
        if (epoch == null || syncing || !pending.hasOpenGroup()) {
            return;
        }
        markTime = leaderTime(now);
        watermarkToBeMarked = nameable();
        lastWriteAt = now;
        Effects.Append group =
                new Effects.Append(epoch, logEnd + 1, markTime, watermarkToBeMarked, pending.openProposals());
        logEnd = pending.closeGroup(logEnd);
        effects.append(group);
    }

    /// The epoch this replica leads in, or null.
    private @Nullable Integer leads() {
        return switch (role) {
            case Establishing establishing -> establishing.epoch();
            case Serving serving -> serving.epoch();
            case Draining draining -> draining.epoch();
            case Following _, Claiming _, Stopped _, Fenced _ -> null;
        };
    }

    /// What a MARK may name: recovery takes anything missing below it for damage.
    private long nameable() {
        return Math.min(watermark, durableEnd);
    }

    private void onAppended(Effects.Builder effects) {
        markedWatermark = watermarkToBeMarked;
        if (options.awaitsSync()) {
            syncing = true;
            effects.sync();
        } else {
            advanceWatermark(logEnd, effects);
        }
    }

    private void onAppendRefused(Effects.Builder effects) {
        logEnd = pending.refuseLastGroup(Refusal.DISK_FULL, effects);
        if (role instanceof Establishing) {
            pending.requireMark();
        }
        stopIfDrained();
    }

    private void onSynced(long durable, long now, Effects.Builder effects) {
        syncing = false;
        durableEnd = Math.max(durableEnd, durable);
        if (options.awaitsSync() && leads() != null) {
            advanceWatermark(durableEnd, effects);
        }
        flush(now, effects);
    }

    private void advanceWatermark(long to, Effects.Builder effects) {
        if (to <= watermark) {
            return;
        }
        watermark = to;
        effects.commit(to);
        if (role instanceof Establishing establishing && establishing.mark() <= watermark) {
            become(new Serving(establishing.epoch()));
            effects.inform("serves in epoch " + establishing.epoch());
        }
        pending.settleUpTo(watermark, effects);
        stopIfDrained();
    }

    private void onDiskFailed(String reason, Effects.Builder effects) {
        if (role instanceof Fenced || role instanceof Stopped) {
            return;
        }
        effects.warn("fenced: " + reason);
        become(new Fenced(reason));
        pending.refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.COPY_FENCED, effects);
    }

    private void onStop(Effects.Builder effects) {
        switch (role) {
            case Serving serving -> {
                become(new Draining(serving.epoch()));
                stopIfDrained();
            }
            case Following _, Claiming _, Establishing _ -> {
                become(new Stopped());
                pending.refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_SERVING, effects);
            }
            case Draining _, Stopped _, Fenced _ -> {}
        }
    }

    private void stopIfDrained() {
        if (role instanceof Draining && pending.isEmpty()) {
            become(new Stopped());
        }
    }

    /// Damage to the last writes can be told from a write cut short only by a MARK that names them: an idle leader
    /// adds one.
    private void onTick(long now, Effects.Builder effects) {
        if (stateUnknown && Math.abs(now - stateAskedAt) >= STATE_RETRY_MILLIS) {
            readStateAgain(now, effects);
        }
        boolean unnamed = nameable() > markedWatermark + 1;
        boolean idle = Math.abs(now - lastWriteAt) >= options.idleMarkMillis();
        if (role instanceof Serving && pending.isEmpty() && unnamed && idle) {
            pending.requireMark();
            flush(now, effects);
        }
    }

    private void become(Role next) {
        if (!RoleTransitions.allows(role, next)) {
            throw new IllegalStateException(role + " cannot become " + next);
        }
        role = next;
    }

    private void checkInvariant() {
        long bound = options.awaitsSync() ? Math.min(durableEnd, logEnd) : logEnd;
        if (watermark > bound || durableEnd > logEnd) {
            throw new IllegalStateException(
                    "watermark " + watermark + ", durable end " + durableEnd + ", log end " + logEnd);
        }
    }
}
