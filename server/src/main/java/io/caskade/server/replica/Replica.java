package io.caskade.server.replica;

import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Role.Claiming;
import io.caskade.server.replica.Role.Draining;
import io.caskade.server.replica.Role.Establishing;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Following;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Serving;
import io.caskade.server.replica.Role.Stopped;
import io.caskade.server.replica.Role.Yielding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One partition's copy: a pure state machine. An [Event] and the time go in, [Effects] come out.
///
/// It brings each event to the part that knows what to do: who leads is [Succession]'s, what a leader does
/// [LeaderDuties]', stopping [HandOff]'s, damage [Fencing]'s, the log's next group [GroupCommit]'s; they share
/// the [LocalCopy] and the [KnownState]. The rules, and why they are enough, are in `docs/replication.md`.
public final class Replica {

    private final LocalCopy copy;
    private final KnownState known;
    private final GroupCommit commits;
    private final Succession succession;
    private final HandOff handOff;
    private final Fencing fencing;
    private final LeaderDuties duties;
    private final WaitingReads reads;

    /// A replica over a recovered log.
    public Replica(ReplicaOptions options, Recovered recovered) {
        Timing timing = options.timing();
        this.copy = new LocalCopy(options, recovered);
        this.known = new KnownState(timing);
        this.commits = new GroupCommit(options, copy.offsets(), recovered.logTime());
        this.succession = new Succession(copy, known, commits, timing);
        this.handOff = new HandOff(copy, known, commits, succession, timing);
        this.fencing = new Fencing(copy, known, commits, succession, handOff);
        this.duties = new LeaderDuties(copy, known, commits, handOff, options);
        this.reads = new WaitingReads(copy);
    }

    /// Takes one event in.
    public Effects step(Event event, Moment now) {
        Effects.Builder effects = new Effects.Builder();
        copy.noticeTime(now);
        switch (event) {
            case Event.StateSeen seen -> onState(seen.state(), now, effects);
            case Event.StateWon won -> onState(won.state(), now, effects);
            case Event.StateLost lost -> {
                known.losesOutcome();
                onState(lost.state(), now, effects);
            }
            case Event.StateUnknown _ -> known.findOut(now, effects);
            case Event.Proposed proposed -> duties.propose(proposed.proposal(), now, effects);
            case Event.AnswerPrepared prepared -> duties.prepareAnswer(prepared, now, effects);
            case Event.ReadAsked read -> reads.ask(read, now);
            case Event.TurnEnded _ -> duties.flush(now, effects);
            case Event.Appended _ -> commits.appended(copy.leading(), now, effects);
            case Event.AppendRefused _ -> onAppendRefused(effects);
            case Event.Stored _ -> {
                copy.following().stored(effects);
                commits.stored(now, effects);
            }
            case Event.Truncated _ -> copy.following().truncated(effects);
            case Event.Synced synced -> onSynced(synced.durableEnd(), now, effects);
            case Event.Fed fed -> onFed(fed);
            case Event.Received received -> onMessage(received.from(), received.message(), now, effects);
            case Event.PeerLost lost -> succession.lost(lost.node(), now, effects);
            case Event.DiskFailed failed -> fencing.fence(failed.reason(), false, effects);
            case Event.CopyDamaged damaged -> fencing.damaged(damaged.reason(), now, effects);
            case Event.Rebuilt rebuilt -> fencing.rebuilt(rebuilt.copy(), now, effects);
            case Event.StopRequested _ -> handOff.stop(now, effects);
            case Event.Ticked _ -> onTick(now, effects);
        }
        // A proposal waits for the end of the turn, and each turn has many.
        if (!(event instanceof Event.Proposed)) {
            advance(now, effects);
        }
        fencing.fenceWhenHandedOver(effects);
        if (event instanceof Event.Synced) {
            duties.flush(now, effects);
        }
        reads.advance(now, effects);
        copy.checkInvariant();
        return effects.build();
    }

    /// What the replica is now.
    public Role role() {
        return copy.role();
    }

    /// The copy's identity now.
    public InSyncCopy copy() {
        return copy.identity();
    }

    /// Why the copy may neither lead nor follow, or null.
    public @Nullable String barredBecause() {
        return succession.barredBecause();
    }

    /// The sequence the first record of the next proposal will get if it is proposed now. Known early because
    /// groups are written in the order they are opened, each behind a MARK of its own.
    public long nextSequence() {
        return commits.pending().nextSequence(copy.offsets().logEnd());
    }

    /// Up to where records are known to be committed here.
    public long watermark() {
        return copy.offsets().watermark();
    }

    /// The epoch of the record at the watermark: with it, what a context is told.
    public int watermarkEpoch() {
        return copy.offsets().epochs().epochOf(watermark());
    }

    /// The others as a leader knows them, by node; empty when this copy does not lead.
    public List<FollowerStanding> followers() {
        Leadership leadership = copy.leadership();
        return leadership == null ? List.of() : leadership.followers();
    }

    /// Removals below it need not be kept by merges.
    public long purgeHorizon() {
        Leadership leadership = copy.leadership();
        return leadership == null ? copy.offsets().horizon() : leadership.mergeHorizon();
    }

    /// The time that expiry on this leader goes by: the clock's, unless the log or a client has been told a
    /// later one.
    ///
    /// @param now the clock's, Unix milliseconds
    /// @param logTime the newest time in a committed MARK, whoever wrote it
    public long leaderTime(long now, long logTime) {
        return commits.time(Math.max(now, logTime));
    }

    /// Whether a read that was made before `now` may be answered: this is the leader, and nobody else can have
    /// become one that has changed anything since.
    public boolean mayAnswer(Moment now) {
        return duties.mayAnswer(now);
    }

    /// Until when, by both clocks, [#mayAnswer] holds if no event comes; past when it does not.
    public Moment answersUntil() {
        return duties.answersUntil();
    }

    /// Whether it follows, its log is a prefix of its leader's, and it is being fed.
    public boolean isFed() {
        return copy.follows() && copy.following().isFed();
    }

    private void onState(Versioned<PartitionState> seen, Moment now, Effects.Builder effects) {
        KnownState.News news = known.see(seen, effects);
        if (news == KnownState.News.NONE) {
            return;
        }
        switch (copy.role()) {
            case Following _ -> {
                if (!copy.isStopping()) {
                    succession.follow(now, effects);
                }
            }
            case Claiming claiming -> succession.settleClaim(claiming, now, effects);
            case Establishing establishing -> succession.stepDownIfDeposed(establishing.epoch(), now, effects);
            case Serving serving -> succession.stepDownIfDeposed(serving.epoch(), now, effects);
            case Draining draining -> succession.stepDownIfDeposed(draining.epoch(), now, effects);
            case Yielding yielding -> handOff.settle(yielding, news == KnownState.News.CHANGED, now, effects);
            case Fenced fenced -> fencing.rebuildIfMay(fenced, effects);
            case Rebuilding _, Stopped _ -> {}
        }
        if (copy.leads()) {
            duties.seen(known.value(), effects);
        }
    }

    private void onAppendRefused(Effects.Builder effects) {
        if (copy.leadership() == null) {
            copy.following().refused(effects);
            return;
        }
        commits.pending().refuseLastGroup(Refusal.DISK_FULL, effects);
        if (copy.role() instanceof Establishing) {
            commits.pending().requireMark();
        }
    }

    private void onSynced(long durable, Moment now, Effects.Builder effects) {
        commits.synced(durable);
        Followership followership = copy.followership();
        if (followership != null) {
            followership.acknowledge(effects);
        }
        if (copy.leadership() == null) {
            commits.sync(now, effects);
        }
    }

    private void onFed(Event.Fed fed) {
        Leadership leadership = copy.leadership();
        if (leadership != null) {
            leadership.fed(fed.node(), fed.stream(), fed.to());
        }
    }

    private void onMessage(Leader from, Message message, Moment now, Effects.Builder effects) {
        Role role = copy.role();
        boolean deaf = role instanceof Stopped || role instanceof Fenced || role instanceof Rebuilding;
        if (deaf || !known.isKnown()) {
            return;
        }
        known.learnOf(message.epoch(), now, effects);
        switch (message) {
            case Message.Beacon beacon -> onBeacon(from, beacon, now, effects);
            case Message.Inquiry inquiry -> onInquiry(from, inquiry, now, effects);
            case Message.Standing standing -> {
                if (copy.follows() && standing.epoch() == known.epoch()) {
                    copy.following().suspicion().answered(from.node(), standing);
                    succession.askAround(now, effects);
                }
            }
            case Message.Superseded _ -> {}
            case Message.Open open -> {
                if (open.epoch() < known.epoch()) {
                    effects.send(from.node(), new Message.Superseded(known.epoch()));
                } else {
                    duties.open(from, open, now, effects);
                }
            }
            case Message.BeaconAnswer answer -> {
                if (copy.isLedIn(answer.epoch())) {
                    copy.leading().answered(from, answer);
                }
            }
            case Message.Ack ack -> {
                if (copy.isLedIn(ack.epoch())) {
                    copy.leading().acknowledged(from, ack, now, effects);
                }
            }
            case Message.Opened opened -> onOpened(from, opened, now, effects);
            case Message.Closed closed -> {
                if (copy.follows(from, closed.epoch()) && copy.following().isFedBy(closed.stream())) {
                    copy.openStream(now, effects);
                }
            }
            case Message.Chunk chunk -> {
                if (copy.follows(from, chunk.epoch())) {
                    copy.following().received(chunk, now, effects);
                }
            }
        }
    }

    /// The answer is a promise: until a grace has passed this copy helps nobody else to lead. It rests on
    /// memory alone and is made before the disk is asked for anything.
    private void onBeacon(Leader from, Message.Beacon beacon, Moment now, Effects.Builder effects) {
        if (beacon.epoch() < known.epoch()) {
            effects.send(from.node(), new Message.Superseded(known.epoch()));
        } else if (copy.follows(from, beacon.epoch())) {
            copy.promises(now);
            copy.following().heard(beacon, now);
            effects.send(from.node(), new Message.BeaconAnswer(beacon.epoch(), copy.identity(), beacon.sentAt()));
            copy.following().acknowledge(effects);
        }
    }

    private void onInquiry(Leader from, Message.Inquiry inquiry, Moment now, Effects.Builder effects) {
        boolean hears = (copy.follows() && copy.following().suspicion().hears(now))
                || (copy.leads() && !commits.isStalled(now));
        Offsets offsets = copy.offsets();
        effects.send(
                from.node(),
                new Message.Standing(
                        known.epoch(),
                        inquiry.round(),
                        copy.identity(),
                        hears,
                        offsets.epochs().latest(),
                        offsets.logEnd()));
        if (copy.follows() && inquiry.epoch() == known.epoch()) {
            copy.following().suspicion().isAskedBy(from.node());
            succession.askAround(now, effects);
        }
    }

    private void onOpened(Leader from, Message.Opened opened, Moment now, Effects.Builder effects) {
        if (!copy.follows(from, opened.epoch()) || !copy.following().isOpening(opened)) {
            return;
        }
        boolean losesCommitted = opened.parting() < copy.offsets().watermark();
        if (!opened.rebuild() && !losesCommitted) {
            copy.following().opened(opened, now, effects);
            return;
        }
        String why = opened.rebuild()
                ? "it is further behind than removals are kept"
                : "its leader's log parts from it at " + opened.parting() + ", below what was committed here";
        fencing.fence(why, true, effects);
    }

    private void onTick(Moment now, Effects.Builder effects) {
        known.findOutAgain(now, effects);
        if (copy.follows()) {
            if (copy.following().shouldOpen(now)) {
                copy.openStream(now, effects);
            }
            succession.askAround(now, effects);
        }
        handOff.tick(now, effects);
        duties.tick(now, effects);
    }

    private void advance(Moment now, Effects.Builder effects) {
        if (copy.follows()) {
            copy.commit(copy.following().visibleTo(), effects);
        }
        handOff.endOnceLetGo(now, effects);
        if (copy.leads()) {
            duties.advance(now, effects);
        }
    }
}
