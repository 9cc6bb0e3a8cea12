package io.caskade.server.replica;

import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.PartitionState;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A follower's doubt about its leader: when it was heard of last, and what the others say when it was not for
/// a grace.
///
/// Nothing here is needed for safety, which the compare-and-set and the leases keep; it keeps a copy that alone
/// is cut off from taking over, and lets the one that has most lead.
final class Suspicion {

    /// A copy that has less leaves it to another so often, in case the other does not act.
    private static final int MOST_DEFERRALS = 2;

    private final @Nullable String leader;
    private final Timing timing;
    private Moment heardAt;

    /// The nodes whose connections broke since the leader was heard of, and that have said nothing since.
    private final Set<String> lost = new HashSet<>();

    private @Nullable Moment askedAt;
    private @Nullable Moment mayAskAt;
    private long round;
    private int deferrals;
    private final Map<String, Message.Standing> standings = new TreeMap<>();

    /// @param leader the leader's node, null when there is none
    Suspicion(@Nullable String leader, Timing timing, Moment now) {
        this.leader = leader;
        this.timing = timing;
        this.heardAt = now;
    }

    /// The leader was heard of, or the grace begins anew for another reason.
    void heard(Moment now) {
        heardAt = now;
        lost.clear();
        askedAt = null;
        deferrals = 0;
    }

    /// A node's connection broke. If it is the leader's, that is reason enough to ask the others at once; and nobody
    /// whose connection broke is waited for.
    void lost(String node) {
        lost.add(node);
    }

    /// Why the leader is suspected, for people.
    String cause(Moment now) {
        return isLeaderLost() ? "its connection broke" : "it has been silent for " + now.since(heardAt) + " ms";
    }

    private boolean isLeaderLost() {
        return leader != null && lost.contains(leader);
    }

    boolean hears(Moment now) {
        return !isLeaderLost() && now.isWithin(timing.lease(), heardAt);
    }

    /// Whether the others should be asked now.
    boolean shouldAsk(Moment now) {
        return askedAt == null
                && (isLeaderLost() || now.since(heardAt) >= timing.grace())
                && (mayAskAt == null || now.since(mayAskAt) >= 0);
    }

    /// Begins a round of questions.
    ///
    /// @return its number
    long ask(Moment now) {
        askedAt = now;
        standings.clear();
        return ++round;
    }

    void answered(String node, Message.Standing standing) {
        isThere(node);
        if (askedAt != null && standing.round() == round) {
            standings.put(node, standing);
        }
    }

    /// Another copy has asked: it does not hear the leader, whatever it has said before. Two that notice the
    /// leader's end one after the other need not wait for each other's next question.
    void isAskedBy(String node) {
        isThere(node);
        Message.Standing before = standings.get(node);
        if (before != null && before.hearsLeader()) {
            standings.remove(node);
            askedAt = null;
            mayAskAt = null;
        }
    }

    /// A leader counts as lost until it says that it leads: its node may have begun anew.
    private void isThere(String node) {
        if (!node.equals(leader)) {
            lost.remove(node);
        }
    }

    /// Whether the copy should take over: the others have been asked and have had time to answer, none of them
    /// hears the leader, enough of them are there to be led, and none has more, or none that has more acts.
    boolean isConfirmed(PartitionState state, String self, int lastEpoch, long logEnd, Moment now) {
        Moment asked = askedAt;
        if (asked == null) {
            return false;
        }
        if (!haveAllAnswered(state, self) && now.since(asked) < timing.retry()) {
            return false;
        }
        endRound(now);
        int there = 1 + standings.size();
        if (standings.values().stream().anyMatch(Message.Standing::hearsLeader)
                || there
                        < Math.min(state.minInSync(), Math.max(1, state.inSync().size()))) {
            return false;
        }
        boolean anotherHasMore = standings.values().stream()
                .anyMatch(standing -> state.isInSync(standing.copy()) && hasMore(standing, lastEpoch, logEnd));
        return !anotherHasMore || ++deferrals > MOST_DEFERRALS;
    }

    /// Whoever cannot answer is not waited for, if another has answered: a connection may break between two nodes that
    /// are well, and the one that is left alone with its doubt gives the other the time to connect again.
    private boolean haveAllAnswered(PartitionState state, String self) {
        return !standings.isEmpty()
                && state.replicas().stream()
                        .allMatch(node -> node.equals(self) || standings.containsKey(node) || lost.contains(node));
    }

    /// Whether a copy should take over that has lost the proof that it has all it acknowledged: no copy is left
    /// that has it. Every node that kept one in sync has said that it keeps another now, and none of these has more
    /// than this one, or none that has more acts. Who is missing may have it still, and is waited for.
    boolean isLastResort(PartitionState state, String self, int lastEpoch, long logEnd, Moment now) {
        List<String> holders = state.inSync().stream()
                .map(InSyncCopy::node)
                .filter(node -> !node.equals(self))
                .toList();
        if (askedAt == null || !standings.keySet().containsAll(holders)) {
            endRoundIfOverdue(now);
            return false;
        }
        endRound(now);
        List<Message.Standing> others = holders.stream().map(standings::get).toList();
        if (standings.values().stream().anyMatch(Message.Standing::hearsLeader)
                || others.stream().anyMatch(standing -> state.isInSync(standing.copy()))) {
            return false;
        }
        boolean anotherHasMore = others.stream().anyMatch(standing -> hasMore(standing, lastEpoch, logEnd));
        return !anotherHasMore || ++deferrals > MOST_DEFERRALS;
    }

    private void endRoundIfOverdue(Moment now) {
        if (askedAt != null && now.since(askedAt) >= timing.retry()) {
            endRound(now);
        }
    }

    private void endRound(Moment now) {
        askedAt = null;
        mayAskAt = new Moment(now.monotonic() + timing.retry(), now.wall());
    }

    private static boolean hasMore(Message.Standing standing, int lastEpoch, long logEnd) {
        return standing.lastEpoch() > lastEpoch || (standing.lastEpoch() == lastEpoch && standing.logEnd() > logEnd);
    }
}
