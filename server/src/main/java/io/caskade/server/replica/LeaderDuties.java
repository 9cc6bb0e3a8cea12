package io.caskade.server.replica;

import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Role.Claiming;
import io.caskade.server.replica.Role.Draining;
import io.caskade.server.replica.Role.Establishing;
import io.caskade.server.replica.Role.Fenced;
import io.caskade.server.replica.Role.Following;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Serving;
import io.caskade.server.replica.Role.Stopped;
import io.caskade.server.replica.Role.Yielding;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a leader does for clients and for its followers: takes writes in or refuses them, moves the watermark,
/// answers, feeds streams, and keeps the in-sync set to those that keep up.
final class LeaderDuties {

    /// The purge horizon is raised so many times at most while a copy may lag: all copies keep a new one for good, each
    /// with two syncs, and nothing is lost when it comes late.
    private static final long HORIZONS_A_LAG = 5;

    private final LocalCopy copy;
    private final KnownState known;
    private final GroupCommit commits;
    private final HandOff handOff;
    private final InSyncNotes notes = new InSyncNotes();
    private final long mostKeptRemovals;
    private final long horizonMillis;
    private @Nullable Moment horizonRaisedAt;

    /// The last stream that each node has asked for and that could not be opened yet.
    private final Map<String, EarlyOpen> early = new TreeMap<>();

    private record EarlyOpen(Leader from, Message.Open open) {}

    LeaderDuties(LocalCopy copy, KnownState known, GroupCommit commits, HandOff handOff, ReplicaOptions options) {
        this.copy = copy;
        this.known = known;
        this.commits = commits;
        this.handOff = handOff;
        this.mostKeptRemovals = options.mostKeptRemovals();
        this.horizonMillis = options.timing().lag() / HORIZONS_A_LAG;
    }

    /// Opens a stream, at once or when that can be done: a follower may hear of an epoch before its leader does, and
    /// does not ask again for a while.
    void open(Leader from, Message.Open open, Moment now, Effects.Builder effects) {
        early.put(from.node(), new EarlyOpen(from, open));
        openStreams(now, effects);
    }

    /// Who asks for a stream knows the epoch and is asked for its support at once: a new leader takes nothing
    /// and answers nothing without.
    private void openStreams(Moment now, Effects.Builder effects) {
        Leadership leads = copy.leadership();
        if (leads == null || early.isEmpty() || !leads.hasMark()) {
            return;
        }
        for (EarlyOpen asked : early.values()) {
            if (asked.open().epoch() == leads.epoch()) {
                leads.open(asked.from(), asked.open(), now, effects);
                if (asksForSupport(now)) {
                    leads.beacon(asked.from().node(), now, effects);
                }
            }
        }
        early.values().removeIf(asked -> asked.open().epoch() <= leads.epoch());
    }

    /// Takes a proposal in, or refuses it with nothing done.
    void propose(Proposal proposal, Moment now, Effects.Builder effects) {
        PendingWrites pending = commits.pending();
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

    /// Holds an answer until what it rests on is committed.
    void prepareAnswer(Event.AnswerPrepared prepared, Moment now, Effects.Builder effects) {
        Refusal refusal = refusal(now);
        if (refusal != null) {
            effects.settle(prepared.token(), refusal);
        } else if (prepared.time() > 0) {
            commits.answerBehindNextMark(prepared);
        } else {
            commits.pending().addBehind(prepared.token(), prepared.sequence());
        }
    }

    /// Why nothing new is taken, or null.
    private @Nullable Refusal refusal(Moment now) {
        return switch (copy.role()) {
            case Serving _ -> hasEnoughReplicas(now) ? null : Refusal.NOT_ENOUGH_REPLICAS;
            case Following _, Claiming _, Yielding _, Rebuilding _ -> Refusal.NOT_LEADER;
            case Establishing _, Draining _, Stopped _ -> Refusal.NOT_SERVING;
            case Fenced _ -> Refusal.COPY_FENCED;
        };
    }

    private boolean hasEnoughReplicas(Moment now) {
        PartitionState current = known.value();
        return copy.leading().supporters(current.inSync(), now) >= current.minInSync();
    }

    /// Whether a read that was made before `now` may be answered: this is the leader, and nobody else can have
    /// become one that has changed anything since.
    boolean mayAnswer(Moment now) {
        boolean serves = copy.role() instanceof Serving || copy.role() instanceof Draining;
        return serves && copy.leading().isSupportedBy(known.maximalInSync(), now);
    }

    /// Until when [#mayAnswer] holds if nothing more is heard; not at all if it is past.
    Moment answersUntil() {
        boolean serves = copy.role() instanceof Serving || copy.role() instanceof Draining;
        return serves ? copy.leading().supportedUntil(known.maximalInSync()) : Moment.NEVER;
    }

    /// Does all that has become possible.
    void advance(Moment now, Effects.Builder effects) {
        Leadership leads = copy.leading();
        Offsets offsets = copy.offsets();
        PendingWrites pending = commits.pending();
        PartitionState current = known.value();
        openStreams(now, effects);
        if (current.inSync().size() >= current.minInSync()) {
            copy.commit(leads.commonTo(known.maximalInSync()), effects);
        }
        if (copy.role() instanceof Establishing(int epoch, long mark) && mark <= offsets.watermark()) {
            copy.become(new Serving(epoch));
            effects.inform("serves in epoch " + epoch);
        }
        pending.settleHeld(offsets.held(), effects);
        pending.settleWrites(offsets.watermark(), effects);
        if (mayAnswer(now)) {
            pending.settleAnswers(offsets.watermark(), effects);
        }
        if (copy.role() instanceof Serving serving) {
            handOff.beginIfAsked(serving, now);
        }
        if (copy.role() instanceof Draining draining) {
            handOff.finishDraining(draining, now, effects);
        }
        if (appends()) {
            changeInSync(leads, now, effects);
            raiseHorizon(leads, now, effects);
            leads.feed(effects);
        }
    }

    /// Writes what has gathered.
    void flush(Moment now, Effects.Builder effects) {
        if (appends()) {
            commits.flush(copy.leading(), copy.role() instanceof Serving, now, effects);
        }
    }

    private boolean appends() {
        return copy.role() instanceof Establishing || copy.role() instanceof Serving || copy.role() instanceof Draining;
    }

    /// Not when the disk hangs: a leader that can serve nobody lets the others notice.
    private boolean asksForSupport(Moment now) {
        return copy.leads() && !commits.isStalled(now);
    }

    void tick(Moment now, Effects.Builder effects) {
        if (asksForSupport(now)) {
            copy.leading().beacon(known.value(), now, effects);
        }
        if (copy.leads()) {
            copy.leading().closeStuckStreams(now);
        }
        if (copy.role() instanceof Serving) {
            commits.nameLastWrites(copy.leading(), now, effects);
        }
    }

    /// A leader changes the in-sync set only once no older leader can have a lease: until then all that were in
    /// sync must hold its MARK, and whoever holds that supports no older leader any more.
    private void changeInSync(Leadership leads, Moment now, Effects.Builder effects) {
        boolean mayChange = copy.role() instanceof Serving || leads.isQuietOver(now);
        if (!known.isSettled() || !mayChange || commits.isStalled(now)) {
            return;
        }
        PartitionState current = known.value();
        if (!leads.mayWantAnother(current, now)) {
            return;
        }
        Set<InSyncCopy> wanted = leads.wanted(current, now);
        if (!wanted.equals(current.inSync())) {
            for (InSyncCopy member : current.inSync()) {
                if (!wanted.contains(member)) {
                    notes.expect(member, leads.whyLeaves(member, now));
                }
            }
            known.write(current.withInSync(wanted), effects);
        }
    }

    /// The newest state, in which this copy leads.
    void seen(PartitionState state, Effects.Builder effects) {
        notes.seen(state, effects);
    }

    private void raiseHorizon(Leadership leads, Moment now, Effects.Builder effects) {
        if (horizonRaisedAt != null && now.since(horizonRaisedAt) < horizonMillis) {
            return;
        }
        Offsets offsets = copy.offsets();
        long horizon = leads.purgeHorizon(known.value(), mostKeptRemovals, now);
        if (offsets.adopt(new Effects.Bounds(horizon, 0))) {
            horizonRaisedAt = now;
            effects.bounds(offsets.bounds());
        }
    }
}
