package io.caskade.server.replica;

import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.replica.Role.Claiming;
import io.caskade.server.replica.Role.Establishing;
import io.caskade.server.replica.Role.Following;
import io.caskade.server.replica.Role.Stopped;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who leads next: when this copy follows, claims the lead, takes it up and lays it down.
final class Succession {

    private final LocalCopy copy;
    private final KnownState known;
    private final GroupCommit commits;
    private final Timing timing;
    private @Nullable String barredBecause;

    /// What the node's log has said last of this copy's standing.
    private @Nullable String told;

    Succession(LocalCopy copy, KnownState known, GroupCommit commits, Timing timing) {
        this.copy = copy;
        this.known = known;
        this.commits = commits;
        this.timing = timing;
    }

    /// Why the copy may neither lead nor follow, or null.
    @Nullable
    String barredBecause() {
        return barredBecause;
    }

    /// Does what the newest state asks of a copy that does not lead.
    void follow(Moment now, Effects.Builder effects) {
        PartitionState current = known.value();
        if (!current.isReplica(copy.node())) {
            copy.followsNobody();
            tell("follows nobody: the partition is not assigned to this node", effects);
            return;
        }
        String barredBefore = barredBecause;
        barredBecause = null;
        Leader leader = current.leader();
        int latest = copy.offsets().epochs().latest();
        if (copy.self().equals(leader) && current.isInSync(copy.identity()) && current.epoch() > latest) {
            establish(current.epoch(), now, effects);
            return;
        }
        Followership before = copy.followership();
        if (before == null || before.epoch() != current.epoch()) {
            boolean leads = leader == null || leader.node().equals(copy.node());
            copy.beginsToFollow(new Followership(current.epoch(), leads ? null : leader, timing, copy.offsets(), now));
            copy.openStream(now, effects);
        }
        switch (Claim.of(current, copy.identity(), copy.formerIdentities(), latest)) {
            case Claim.Lead lead -> claim(lead.losesWrites(), effects);
            case Claim.Wait wait -> tell(wait.why(), effects);
            case Claim.Barred barred -> {
                barredBecause = barred.why();
                if (!barred.why().equals(barredBefore)) {
                    effects.warn(barred.why());
                }
            }
        }
    }

    /// Says it once: each state that is seen says it again.
    private void tell(String standing, Effects.Builder effects) {
        if (!standing.equals(told)) {
            told = standing;
            effects.inform(standing);
        }
    }

    /// A node cannot be reached any more.
    void lost(String node, Moment now, Effects.Builder effects) {
        if (copy.follows()) {
            copy.following().suspicion().lost(node);
            askAround(now, effects);
        }
    }

    /// Asks the others about a leader that is silent, and claims the lead if they agree.
    void askAround(Moment now, Effects.Builder effects) {
        if (!copy.follows() || copy.isStopping() || !(mayTakeOver(known.value()) || isStranger(known.value()))) {
            return;
        }
        Suspicion suspicion = copy.following().suspicion();
        if (suspicion.shouldAsk(now)) {
            long round = suspicion.ask(now);
            for (String node : known.value().replicas()) {
                if (!node.equals(copy.node())) {
                    effects.send(node, new Message.Inquiry(known.epoch(), round));
                }
            }
        }
        Offsets offsets = copy.offsets();
        int latest = offsets.epochs().latest();
        if (isStranger(known.value())) {
            if (suspicion.isLastResort(known.value(), copy.node(), latest, offsets.logEnd(), now)) {
                claim(true, effects);
            }
        } else if (suspicion.isConfirmed(known.value(), copy.node(), latest, offsets.logEnd(), now)) {
            Leader leader = known.value().leader();
            effects.inform(
                    leader == null
                            ? "takes over: nobody leads"
                            : "takes over from " + leader.node() + ": " + suspicion.cause(now));
            claim(false, effects);
        }
    }

    /// Whether this copy was in sync under an identity that it lost with the proof that it has all it acknowledged.
    private boolean isStranger(PartitionState current) {
        return !current.isInSync(copy.identity())
                && current.inSync().stream().anyMatch(copy.formerIdentities()::contains)
                && current.epoch() >= copy.offsets().epochs().latest()
                && copy.offsets().isWhole();
    }

    /// Whether the state lets this copy lead whenever nobody else does.
    private boolean mayTakeOver(PartitionState current) {
        boolean begins = current.epoch() == 0 && current.isReplica(copy.node());
        return (begins || current.isInSync(copy.identity()))
                && current.epoch() >= copy.offsets().epochs().latest();
    }

    private void claim(boolean losesWrites, Effects.Builder effects) {
        PartitionState current = known.value();
        Set<InSyncCopy> inSync = current.epoch() == 0 || losesWrites ? Set.of(copy.identity()) : current.inSync();
        PartitionState next = current.withLeadership(copy.self(), current.epoch() + 1, inSync);
        copy.become(new Claiming(next.epoch()));
        known.write(next, effects);
        if (losesWrites) {
            effects.warn("leads although the machine went down under a durability other than sync: "
                    + "what was acknowledged last may be lost (unclean start)");
        }
    }

    /// From the claim until it is known to be lost, this copy promises nothing to older leaders.
    void settleClaim(Claiming claiming, Moment now, Effects.Builder effects) {
        PartitionState current = known.value();
        if (current.epoch() == claiming.epoch() && copy.self().equals(current.leader())) {
            establish(claiming.epoch(), now, effects);
        } else if (!known.isWriting()) {
            copy.become(new Following());
            follow(now, effects);
        }
    }

    private void establish(int epoch, Moment now, Effects.Builder effects) {
        told = null;
        effects.inform("leads in epoch " + epoch + ", in sync: "
                + InSyncNotes.nodes(known.value().inSync()));
        long mark = copy.offsets().logEnd() + 1;
        copy.beginsToLead(
                new Leadership(epoch, copy.identity(), mark, now, copy.promisedUntil(), timing, copy.offsets()));
        copy.become(new Establishing(epoch, mark));
        commits.pending().requireMark();
    }

    /// Lays the lead down if the newest state gives it to another, or to another epoch.
    void stepDownIfDeposed(int epoch, Moment now, Effects.Builder effects) {
        PartitionState current = known.value();
        Leader leader = current.leader();
        if (current.epoch() == epoch && copy.self().equals(leader)) {
            return;
        }
        effects.warn("no longer leads: " + (leader == null ? "nobody" : leader.node()) + " does, in epoch "
                + current.epoch());
        stepDown(now, effects);
    }

    /// Lays the lead down: what is in the log and not committed has an unknown outcome. A damaged copy follows nobody:
    /// it is fenced next.
    void stepDown(Moment now, Effects.Builder effects) {
        copy.leadsNoMore();
        commits.pending().refuseAll(Refusal.OUTCOME_UNKNOWN, Refusal.NOT_LEADER, effects);
        copy.become(new Following());
        if (copy.isStopping()) {
            copy.become(new Stopped());
        } else if (copy.damage() == null) {
            follow(now, effects);
        }
    }
}
