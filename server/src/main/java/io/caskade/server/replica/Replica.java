package io.caskade.server.replica;

import io.caskade.bitcask.log.EpochHistory;
import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Event.AnswerPrepared;
import io.caskade.server.replica.Role.Claiming;
import io.caskade.server.replica.Role.Draining;
import io.caskade.server.replica.Role.Establishing;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Following;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Serving;
import io.caskade.server.replica.Role.Stopped;
import io.caskade.server.replica.Role.Yielding;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One partition's copy: a pure state machine. An [Event] and the time go in, [Effects] come out.
///
/// It keeps the role and the rules for changing it. What a leader knows of the others is in [Leadership], the
/// stream from a leader in [Followership], what clients wait for in [PendingWrites], how far the copy is in
/// [Offsets]. The rules, and why they are enough, are in `docs/replication.md`.
public final class Replica {

    private final ReplicaOptions options;
    private final Timing timing;
    private final PendingWrites pending;

    private Offsets offsets;
    private InSyncCopy copy;
    private Set<InSyncCopy> formerCopies;

    private Role role = new Following();
    private @Nullable Versioned<PartitionState> state;
    private @Nullable String barredBecause;

    /// In the roles that lead.
    private @Nullable Leadership leadership;

    /// While it follows, once a state was seen.
    private @Nullable Followership followership;

    /// The compare-and-set that was sent and is not settled, and whether it has to be found out what became of
    /// it.
    private Effects.@Nullable StateWrite writing;

    private boolean stateUnknown;
    private @Nullable Moment stateAskedAt;

    /// What the newest MARK said: the time, and the sequence it named as committed.
    private long markTime;

    private long markedWatermark;

    /// What the MARK of the group that is being appended names; that counts when the group is in the log.
    private long watermarkToBeMarked;

    /// Where the log will end with the group that is being appended.
    private long appendingTo;

    /// The time an answer has been prepared by: the next MARK tells it, and no later decision goes by an
    /// earlier one.
    private long promisedTime;

    private long lastWriteAt;

    private @Nullable Moment syncingSince;

    /// When this process last promised an older leader to let nobody else lead, or when it began: it may have
    /// promised that before.
    private @Nullable Moment promisedAt;

    private @Nullable Moment steppedAt;
    private @Nullable Moment drainingSince;
    private boolean stopping;
    private long streams;

    /// A replica over a recovered log.
    public Replica(ReplicaOptions options, Recovered recovered) {
        this.options = options;
        this.timing = options.timing();
        this.copy = options.copy();
        this.formerCopies = options.formerCopies();
        this.offsets = new Offsets(options.awaitsSync(), recovered);
        this.markTime = recovered.logTime();
        this.pending = new PendingWrites(options.maxInFlightBytes());
    }

    /// Takes one event in.
    public Effects step(Event event, Moment now) {
        Effects.Builder effects = new Effects.Builder();
        noticeTime(now);
        switch (event) {
            case Event.StateSeen seen -> onState(seen.state(), now, effects);
            case Event.StateWon won -> onState(won.state(), now, effects);
            case Event.StateLost lost -> {
                stateUnknown = true;
                onState(lost.state(), now, effects);
            }
            case Event.StateUnknown _ -> readStateAgain(now, effects);
            case Event.Proposed proposed -> onProposed(proposed.proposal(), now, effects);
            case AnswerPrepared prepared -> onAnswerPrepared(prepared, now, effects);
            case Event.TurnEnded _ -> flush(now, effects);
            case Event.Appended _ -> onAppended(effects);
            case Event.AppendRefused _ -> onAppendRefused(effects);
            case Event.Stored _ -> onStored(now, effects);
            case Event.Truncated _ -> onTruncated(effects);
            case Event.Synced synced -> onSynced(synced.durableEnd(), effects);
            case Event.Fed fed -> onFed(fed);
            case Event.Received received -> onMessage(received.from(), received.message(), now, effects);
            case Event.PeerLost lost -> onPeerLost(lost.node(), now, effects);
            case Event.DiskFailed failed -> fence(failed.reason(), false, effects);
            case Event.CopyDamaged damaged -> fence(damaged.reason(), true, effects);
            case Event.Rebuilt rebuilt -> onRebuilt(rebuilt.copy(), now, effects);
            case Event.StopRequested _ -> onStop(now, effects);
            case Event.Ticked _ -> onTick(now, effects);
        }
        advance(now, effects);
        if (event instanceof Event.Synced) {
            flush(now, effects);
        }
        checkInvariant();
        return effects.build();
    }

    /// What the replica is now.
    public Role role() {
        return role;
    }

    /// The copy's identity now.
    public InSyncCopy copy() {
        return copy;
    }

    /// Why the copy may neither lead nor follow, or null.
    public @Nullable String barredBecause() {
        return barredBecause;
    }

    /// The sequence the first record of the next proposal will get if it is proposed now. Known early because
    /// groups are written in the order they are opened, each behind a MARK of its own.
    public long nextSequence() {
        return pending.nextSequence(offsets.logEnd());
    }

    /// Up to where records are known to be committed here.
    public long watermark() {
        return offsets.watermark();
    }

    /// Removals below it need not be kept by merges.
    public long purgeHorizon() {
        return leadership == null ? offsets.horizon() : leadership.mergeHorizon();
    }

    /// The time that expiry on this leader goes by: the clock's, unless the log or a client has been told a
    /// later one.
    public long leaderTime(long now) {
        return Math.max(now, Math.max(markTime, promisedTime));
    }

    /// A process that was paused has heard nothing because it did not listen.
    private void noticeTime(Moment now) {
        if (promisedAt == null) {
            promisedAt = now;
        }
        boolean stalled = steppedAt != null && now.since(steppedAt) >= timing.lease();
        if (stalled && followership != null) {
            followership.suspicion().heard(now);
        }
        steppedAt = now;
    }

    // ---- The partition's state.

    /// Images repeat the state of a partition whenever another one's changes. A version that was seen before
    /// says something only when the outcome of a compare-and-set was lost.
    private void onState(Versioned<PartitionState> seen, Moment now, Effects.Builder effects) {
        boolean older = state != null && seen.version() < state.version();
        boolean repeated = state != null && seen.version() == state.version() && !stateUnknown;
        if (older || repeated) {
            return;
        }
        boolean news = state == null || seen.version() > state.version();
        state = seen;
        stateUnknown = false;
        settleWrite(seen, effects);
        switch (role) {
            case Following _ -> follow(seen, now, effects);
            case Claiming claiming -> settleClaim(claiming, seen, now, effects);
            case Establishing establishing -> stepDownIfDeposed(establishing.epoch(), seen, now, effects);
            case Serving serving -> stepDownIfDeposed(serving.epoch(), seen, now, effects);
            case Draining draining -> stepDownIfDeposed(draining.epoch(), seen, now, effects);
            case Yielding yielding -> settleYield(yielding, seen, news, now, effects);
            case Fenced fenced -> rebuildIfMay(fenced, seen.value(), effects);
            case Rebuilding _, Stopped _ -> {}
        }
    }

    /// A newer version than the expected one settles a compare-and-set, won or lost; the expected one settles
    /// nothing: the write may still be on its way, so the same one is sent again, and only one of the two can
    /// win.
    private void settleWrite(Versioned<PartitionState> seen, Effects.Builder effects) {
        Effects.StateWrite sent = writing;
        if (sent == null) {
            return;
        }
        if (seen.version() > sent.expectedVersion()) {
            writing = null;
        } else {
            effects.writeState(sent.next(), sent.expectedVersion());
        }
    }

    private void write(PartitionState next, int expectedVersion, Effects.Builder effects) {
        writing = new Effects.StateWrite(next, expectedVersion);
        effects.writeState(next, expectedVersion);
    }

    /// Asks what became of a write, but not all the time: what keeps the answer away may last.
    private void readStateAgain(Moment now, Effects.Builder effects) {
        stateUnknown = true;
        readState(now, effects);
    }

    private void readState(Moment now, Effects.Builder effects) {
        if (stateAskedAt == null || now.since(stateAskedAt) >= timing.retry()) {
            stateAskedAt = now;
            effects.readState();
        }
    }

    /// Somebody has spoken of an epoch this replica has not seen.
    private void learnOf(int epoch, Moment now, Effects.Builder effects) {
        if (knownEpoch() < epoch) {
            readState(now, effects);
        }
    }

    private int knownEpoch() {
        return state == null ? 0 : state.value().epoch();
    }

    // ---- Following.

    private void follow(Versioned<PartitionState> seen, Moment now, Effects.Builder effects) {
        PartitionState current = seen.value();
        if (!current.isReplica(copy.node())) {
            followership = null;
            return;
        }
        barredBecause = null;
        Leader leader = current.leader();
        int latest = offsets.epochs().latest();
        if (options.self().equals(leader) && current.isInSync(copy) && current.epoch() > latest) {
            establish(current.epoch(), now, effects);
            return;
        }
        if (followership == null || followership.epoch() != current.epoch()) {
            boolean leads = leader == null || leader.node().equals(copy.node());
            followership = new Followership(current.epoch(), leads ? null : leader, timing, offsets, now);
            followership.open(copy, ++streams, now, effects);
        }
        switch (Claim.of(current, copy, formerCopies, latest)) {
            case Claim.Lead lead -> claim(seen, lead.losesWrites(), effects);
            case Claim.Wait wait -> effects.inform(wait.why());
            case Claim.Barred barred -> {
                barredBecause = barred.why();
                effects.warn(barred.why());
            }
        }
    }

    private void onPeerLost(String node, Moment now, Effects.Builder effects) {
        if (role instanceof Following && followership != null && state != null) {
            Leader leader = state.value().leader();
            if (leader != null && leader.node().equals(node)) {
                followership.suspicion().lost();
                askAround(now, effects);
            }
        }
    }

    private void askAround(Moment now, Effects.Builder effects) {
        Versioned<PartitionState> known = state;
        if (followership == null || known == null || !mayTakeOver(known.value())) {
            return;
        }
        Suspicion suspicion = followership.suspicion();
        if (suspicion.shouldAsk(now)) {
            long round = suspicion.ask(now);
            for (String node : known.value().replicas()) {
                if (!node.equals(copy.node())) {
                    effects.send(node, new Message.Inquiry(knownEpoch(), round));
                }
            }
        }
        if (suspicion.isConfirmed(known.value(), offsets.epochs().latest(), offsets.logEnd(), now)) {
            effects.inform("takes over: its leader is silent");
            claim(known, false, effects);
        }
    }

    /// Whether the state lets this copy lead whenever nobody else does.
    private boolean mayTakeOver(PartitionState current) {
        boolean begins = current.epoch() == 0 && current.isReplica(copy.node());
        return (begins || current.isInSync(copy))
                && current.epoch() >= offsets.epochs().latest();
    }

    private void claim(Versioned<PartitionState> from, boolean losesWrites, Effects.Builder effects) {
        PartitionState current = from.value();
        Set<InSyncCopy> inSync = current.epoch() == 0 || losesWrites ? Set.of(copy) : current.inSync();
        PartitionState next = current.withLeadership(options.self(), current.epoch() + 1, inSync);
        become(new Claiming(next.epoch()));
        write(next, from.version(), effects);
        if (losesWrites) {
            effects.warn("leads although the machine went down under a durability other than sync: "
                    + "what was acknowledged last may be lost (unclean start)");
        }
    }

    /// From the claim until it is known to be lost, this copy promises nothing to older leaders.
    private void settleClaim(Claiming claiming, Versioned<PartitionState> seen, Moment now, Effects.Builder effects) {
        PartitionState current = seen.value();
        if (current.epoch() == claiming.epoch() && options.self().equals(current.leader())) {
            establish(claiming.epoch(), now, effects);
        } else if (writing == null) {
            become(new Following());
            follow(seen, now, effects);
        }
    }

    // ---- Leading.

    private void establish(int epoch, Moment now, Effects.Builder effects) {
        effects.inform("leads in epoch " + epoch);
        followership = null;
        long mark = offsets.logEnd() + 1;
        long quietUntil = Objects.requireNonNull(promisedAt).monotonic() + timing.grace();
        leadership = new Leadership(epoch, copy, mark, now, quietUntil, timing, offsets);
        become(new Establishing(epoch, mark));
        pending.requireMark();
    }

    private void stepDownIfDeposed(int epoch, Versioned<PartitionState> seen, Moment now, Effects.Builder effects) {
        PartitionState current = seen.value();
        Leader leader = current.leader();
        if (current.epoch() == epoch && options.self().equals(leader)) {
            return;
        }
        effects.warn("no longer leads: " + (leader == null ? "nobody" : leader.node()) + " does, in epoch "
                + current.epoch());
        stepDown(seen, now, effects);
    }

    private void stepDown(Versioned<PartitionState> seen, Moment now, Effects.Builder effects) {
        leadership = null;
        drainingSince = null;
        pending.refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_LEADER, effects);
        become(new Following());
        if (stopping) {
            become(new Stopped());
        } else {
            follow(seen, now, effects);
        }
    }

    private void onProposed(Proposal proposal, Moment now, Effects.Builder effects) {
        Refusal refusal = refusal(now);
        if (refusal == null && !pending.hasRoomFor(proposal)) {
            refusal = Refusal.BUSY;
        }
        if (refusal != null) {
            effects.settle(proposal.token(), refusal);
        } else {
            pending.add(proposal);
        }
    }

    private void onAnswerPrepared(AnswerPrepared prepared, Moment now, Effects.Builder effects) {
        Refusal refusal = refusal(now);
        if (refusal != null) {
            effects.settle(prepared.token(), refusal);
        } else if (prepared.time() > 0) {
            promisedTime = Math.max(promisedTime, prepared.time());
            pending.addBehindNextMark(prepared.token(), prepared.sequence(), offsets.logEnd());
        } else {
            pending.addBehind(prepared.token(), prepared.sequence());
        }
    }

    /// Why nothing new is taken, or null.
    private @Nullable Refusal refusal(Moment now) {
        return switch (role) {
            case Serving _ -> hasEnoughReplicas(now) ? null : Refusal.NOT_ENOUGH_REPLICAS;
            case Following _, Claiming _, Yielding _, Rebuilding _ -> Refusal.NOT_LEADER;
            case Establishing _, Draining _, Stopped _ -> Refusal.NOT_SERVING;
            case Fenced _ -> Refusal.COPY_FENCED;
        };
    }

    private boolean hasEnoughReplicas(Moment now) {
        PartitionState current = Objects.requireNonNull(state).value();
        return Objects.requireNonNull(leadership).supporters(current.inSync(), now) >= current.minInSync();
    }

    /// Whether a read that was made before `now` may be answered: this is the leader, and nobody else can have
    /// become one that has changed anything since.
    public boolean mayAnswer(Moment now) {
        boolean serves = role instanceof Serving || role instanceof Draining;
        return serves && Objects.requireNonNull(leadership).isSupportedBy(maximalInSync(), now);
    }

    /// Whoever is in sync, or may be by a change that was asked for and is not known to have been lost.
    private Set<InSyncCopy> maximalInSync() {
        Set<InSyncCopy> maximal =
                new HashSet<>(Objects.requireNonNull(state).value().inSync());
        if (writing != null) {
            maximal.addAll(writing.next().inSync());
        }
        return maximal;
    }

    private void flush(Moment now, Effects.Builder effects) {
        boolean leads = role instanceof Establishing || role instanceof Serving || role instanceof Draining;
        if (!leads || leadership == null || syncingSince != null || !pending.hasOpenGroup()) {
            return;
        }
        markTime = leaderTime(now.wall());
        watermarkToBeMarked = nameable();
        lastWriteAt = now.wall();
        effects.append(new Effects.Append(
                leadership.epoch(), offsets.logEnd() + 1, markTime, watermarkToBeMarked, pending.openProposals()));
        appendingTo = pending.closeGroup(offsets.logEnd());
    }

    /// What a MARK may name: recovery takes anything missing below it for damage.
    private long nameable() {
        return Math.min(offsets.watermark(), offsets.durableEnd());
    }

    private void onAppended(Effects.Builder effects) {
        Leadership leads = Objects.requireNonNull(leadership);
        markedWatermark = watermarkToBeMarked;
        offsets.logEndsAt(appendingTo);
        offsets.epochsAre(withEpoch(offsets.epochs(), leads));
        sync(effects);
    }

    private static EpochHistory withEpoch(EpochHistory epochs, Leadership leads) {
        return epochs.latest() == leads.epoch() ? epochs : epochs.with(leads.epoch(), leads.mark());
    }

    private void sync(Effects.Builder effects) {
        if (options.awaitsSync() && syncingSince == null && offsets.durableEnd() < offsets.logEnd()) {
            syncingSince = steppedAt;
            effects.sync();
        }
    }

    private void onAppendRefused(Effects.Builder effects) {
        if (leadership == null) {
            Objects.requireNonNull(followership).refused();
            return;
        }
        pending.refuseLastGroup(Refusal.DISK_FULL, effects);
        if (role instanceof Establishing) {
            pending.requireMark();
        }
    }

    private void onSynced(long durable, Effects.Builder effects) {
        syncingSince = null;
        offsets.syncedUpTo(durable);
        if (followership != null) {
            followership.acknowledge(effects);
        }
        if (leadership == null) {
            sync(effects);
        }
    }

    private void onFed(Event.Fed fed) {
        if (leadership != null) {
            leadership.fed(fed.node(), fed.stream(), fed.to(), fed.watermark());
        }
    }

    // ---- What others say.

    private void onMessage(Leader from, Message message, Moment now, Effects.Builder effects) {
        boolean deaf = role instanceof Stopped || role instanceof Fenced || role instanceof Rebuilding;
        if (deaf || state == null) {
            return;
        }
        learnOf(message.epoch(), now, effects);
        switch (message) {
            case Message.Beacon beacon -> onBeacon(from, beacon, now, effects);
            case Message.Inquiry inquiry -> onInquiry(from, inquiry, now, effects);
            case Message.Standing standing -> {
                if (role instanceof Following && followership != null && standing.epoch() == knownEpoch()) {
                    followership.suspicion().answered(from.node(), standing);
                    askAround(now, effects);
                }
            }
            case Message.Superseded _ -> {}
            case Message.Open open -> {
                if (open.epoch() < knownEpoch()) {
                    effects.send(from.node(), new Message.Superseded(knownEpoch()));
                } else if (isLedIn(open.epoch())) {
                    Objects.requireNonNull(leadership).open(from, open, now, effects);
                }
            }
            case Message.BeaconAnswer answer -> {
                if (isLedIn(answer.epoch())) {
                    Objects.requireNonNull(leadership).answered(from, answer);
                }
            }
            case Message.Ack ack -> {
                if (isLedIn(ack.epoch())) {
                    Objects.requireNonNull(leadership).acknowledged(from, ack, now, effects);
                }
            }
            case Message.Opened opened -> onOpened(from, opened, now, effects);
            case Message.Closed closed -> {
                if (follows(from, closed.epoch())
                        && Objects.requireNonNull(followership).isFedBy(closed.stream())) {
                    followership.open(copy, ++streams, now, effects);
                }
            }
            case Message.Chunk chunk -> {
                if (follows(from, chunk.epoch())) {
                    Objects.requireNonNull(followership).received(chunk, now, effects);
                }
            }
        }
    }

    private boolean isLedIn(int epoch) {
        return leadership != null && leadership.epoch() == epoch;
    }

    private boolean follows(Leader from, int epoch) {
        return role instanceof Following && followership != null && followership.isOf(epoch, from);
    }

    /// The answer is a promise: until a grace has passed this copy helps nobody else to lead. It rests on
    /// memory alone and is made before the disk is asked for anything.
    private void onBeacon(Leader from, Message.Beacon beacon, Moment now, Effects.Builder effects) {
        if (beacon.epoch() < knownEpoch()) {
            effects.send(from.node(), new Message.Superseded(knownEpoch()));
        } else if (follows(from, beacon.epoch())) {
            promisedAt = now;
            Objects.requireNonNull(followership).heard(beacon, now);
            effects.send(from.node(), new Message.BeaconAnswer(beacon.epoch(), copy, beacon.sentAt()));
            followership.acknowledge(effects);
        }
    }

    private void onInquiry(Leader from, Message.Inquiry inquiry, Moment now, Effects.Builder effects) {
        boolean hears = (role instanceof Following
                        && followership != null
                        && followership.suspicion().hears(now))
                || (leadership != null && !(role instanceof Yielding) && !isStalled(now));
        effects.send(
                from.node(),
                new Message.Standing(
                        knownEpoch(),
                        inquiry.round(),
                        copy,
                        hears,
                        offsets.epochs().latest(),
                        offsets.logEnd()));
    }

    private void onOpened(Leader from, Message.Opened opened, Moment now, Effects.Builder effects) {
        if (!follows(from, opened.epoch())
                || !Objects.requireNonNull(followership).isOpening(opened)) {
            return;
        }
        boolean losesCommitted = opened.parting() < offsets.watermark();
        if (!opened.rebuild() && !losesCommitted) {
            followership.opened(opened, now, effects);
            return;
        }
        String why = opened.rebuild()
                ? "it is further behind than removals are kept"
                : "its leader's log parts from it at " + opened.parting() + ", below what was committed here";
        fence(why, true, effects);
    }

    private void onStored(Moment now, Effects.Builder effects) {
        Objects.requireNonNull(followership).stored(effects);
        sync(effects);
        lastWriteAt = now.wall();
    }

    private void onTruncated(Effects.Builder effects) {
        Followership follows = Objects.requireNonNull(followership);
        follows.truncated(effects);
    }

    // ---- Damage.

    private void fence(String reason, boolean damaged, Effects.Builder effects) {
        if (role instanceof Fenced || role instanceof Stopped) {
            return;
        }
        effects.warn("fenced: " + reason);
        leadership = null;
        followership = null;
        become(new Fenced(reason, damaged));
        pending.refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.COPY_FENCED, effects);
        if (state != null && role instanceof Fenced fenced) {
            rebuildIfMay(fenced, state.value(), effects);
        }
    }

    /// A damaged copy is set aside and another begun beside it, which takes its place among those in sync when
    /// it has caught up. The only one in sync stays as it is: somebody may want to save what can be saved.
    private void rebuildIfMay(Fenced fenced, PartitionState current, Effects.Builder effects) {
        boolean others =
                current.inSync().stream().anyMatch(other -> !other.node().equals(copy.node()));
        if (fenced.damaged() && others && current.isReplica(copy.node())) {
            rebuild(fenced.reason(), effects);
        }
    }

    private void rebuild(String why, Effects.Builder effects) {
        effects.warn("is set aside and another copy begun: " + why);
        followership = null;
        become(new Rebuilding());
        effects.rebuild();
    }

    private void onRebuilt(InSyncCopy fresh, Moment now, Effects.Builder effects) {
        copy = fresh;
        formerCopies = Set.of();
        offsets = new Offsets(options.awaitsSync(), Recovered.NOTHING);
        become(new Following());
        if (state != null) {
            follow(state, now, effects);
        }
    }

    // ---- Stopping and handing over.

    private void onStop(Moment now, Effects.Builder effects) {
        stopping = true;
        switch (role) {
            case Serving serving -> {
                become(new Draining(serving.epoch()));
                drainingSince = now;
            }
            case Following _, Claiming _, Establishing _ -> {
                leadership = null;
                followership = null;
                become(new Stopped());
                pending.refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_SERVING, effects);
            }
            case Draining _, Yielding _, Rebuilding _, Stopped _, Fenced _ -> {}
        }
    }

    /// When nothing is under way any more, another one goes on: one that has all of the log. The lease is
    /// released before the compare-and-set is sent, since nobody can know when it takes effect.
    private void finishDraining(Draining draining, Moment now, Effects.Builder effects) {
        Versioned<PartitionState> current = Objects.requireNonNull(state);
        boolean overdue = drainingSince != null && now.since(drainingSince) >= timing.grace();
        boolean alone = current.value().inSync().equals(Set.of(copy));
        if (pending.isEmpty() && alone) {
            stopLeading(effects);
        } else if (pending.isEmpty() && writing == null && syncingSince == null) {
            Optional<Leader> successor = Objects.requireNonNull(leadership).successor(current.value(), now);
            if (successor.isPresent()) {
                become(new Yielding(draining.epoch()));
                effects.inform("hands over to " + successor.get().node());
                write(handedTo(successor.get(), current.value()), current.version(), effects);
            } else if (overdue) {
                stopLeading(effects);
            }
        } else if (overdue) {
            stopLeading(effects);
        }
    }

    private void stopLeading(Effects.Builder effects) {
        leadership = null;
        become(new Stopped());
        pending.refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_SERVING, effects);
    }

    /// One who goes away leaves the in-sync set too, if enough stay: the next leader need not wait for it.
    private PartitionState handedTo(Leader successor, PartitionState current) {
        Set<InSyncCopy> inSync = new HashSet<>(current.inSync());
        if (inSync.size() > current.minInSync()) {
            inSync.remove(copy);
        }
        return current.withLeadership(successor, current.epoch() + 1, inSync);
    }

    private void settleYield(
            Yielding yielding, Versioned<PartitionState> seen, boolean news, Moment now, Effects.Builder effects) {
        if (seen.value().epoch() > yielding.epoch()) {
            stepDown(seen, now, effects);
        } else if (news) {
            Leader successor = Objects.requireNonNull(leadership)
                    .successor(seen.value(), now)
                    .orElse(null);
            if (successor == null) {
                stepDown(seen, now, effects);
            } else {
                write(handedTo(successor, seen.value()), seen.version(), effects);
            }
        }
    }

    // ---- Time, and what follows from everything.

    private void onTick(Moment now, Effects.Builder effects) {
        if (stateUnknown) {
            readState(now, effects);
        }
        if (role instanceof Following && followership != null) {
            if (followership.shouldOpen(now)) {
                followership.open(copy, ++streams, now, effects);
            }
            askAround(now, effects);
        }
        if (leadership != null && !(role instanceof Yielding) && !isStalled(now)) {
            leadership.beacon(Objects.requireNonNull(state).value(), now, effects);
        }
        nameLastWrites(now, effects);
    }

    /// A leader whose disk hangs can serve nobody: it lets the others notice.
    private boolean isStalled(Moment now) {
        return syncingSince != null && now.since(syncingSince) >= timing.stall();
    }

    /// Damage to the last writes can be told from a write cut short only by a MARK that names them: an idle
    /// leader adds one.
    private void nameLastWrites(Moment now, Effects.Builder effects) {
        boolean unnamed = nameable() > markedWatermark + 1;
        boolean idle = Math.abs(now.wall() - lastWriteAt) >= options.idleMarkMillis();
        if (role instanceof Serving && pending.isEmpty() && unnamed && idle) {
            pending.requireMark();
            flush(now, effects);
        }
    }

    private void advance(Moment now, Effects.Builder effects) {
        if (followership != null && role instanceof Following) {
            commit(followership.visibleTo(), effects);
        }
        if (leadership != null && !(role instanceof Yielding)) {
            lead(leadership, now, effects);
        }
    }

    private void lead(Leadership leads, Moment now, Effects.Builder effects) {
        Versioned<PartitionState> current = Objects.requireNonNull(state);
        if (current.value().inSync().size() >= current.value().minInSync()) {
            commit(leads.commonTo(maximalInSync()), effects);
        }
        if (role instanceof Establishing(int epoch, long mark) && mark <= offsets.watermark()) {
            become(new Serving(epoch));
            effects.inform("serves in epoch " + epoch);
        }
        pending.settleHeld(offsets.held(), effects);
        pending.settleWrites(offsets.watermark(), effects);
        if (mayAnswer(now)) {
            pending.settleAnswers(offsets.watermark(), effects);
        }
        if (role instanceof Draining draining) {
            finishDraining(draining, now, effects);
        }
        boolean leading = role instanceof Establishing || role instanceof Serving || role instanceof Draining;
        if (leading) {
            changeInSync(leads, current, now, effects);
            raiseHorizon(leads, current.value(), now, effects);
            leads.feed(effects);
        }
    }

    private void commit(long to, Effects.Builder effects) {
        if (to > offsets.watermark()) {
            offsets.committedUpTo(to);
            effects.commit(to);
        }
    }

    /// A leader changes the in-sync set only once no older leader can have a lease: until then all that were in
    /// sync must hold its MARK, and whoever holds that supports no older leader any more.
    private void changeInSync(
            Leadership leads, Versioned<PartitionState> current, Moment now, Effects.Builder effects) {
        boolean mayChange = role instanceof Serving || leads.isQuietOver(now);
        if (writing != null || stateUnknown || !mayChange || isStalled(now)) {
            return;
        }
        Set<InSyncCopy> wanted = leads.wanted(current.value(), now);
        if (!wanted.equals(current.value().inSync())) {
            write(current.value().withInSync(wanted), current.version(), effects);
        }
    }

    private void raiseHorizon(Leadership leads, PartitionState current, Moment now, Effects.Builder effects) {
        long horizon = leads.purgeHorizon(current, options.mostKeptRemovals(), now);
        if (offsets.adopt(new Effects.Bounds(horizon, 0))) {
            effects.bounds(offsets.bounds());
        }
    }

    private void become(Role next) {
        if (!RoleTransitions.allows(role, next)) {
            throw new IllegalStateException(role + " cannot become " + next);
        }
        role = next;
    }

    private void checkInvariant() {
        if (!(role instanceof Rebuilding)) {
            offsets.check();
        }
    }
}
