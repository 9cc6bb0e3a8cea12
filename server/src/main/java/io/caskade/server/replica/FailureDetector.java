package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
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
final class FailureDetector {

    /// A copy that has less leaves it to another so often, in case the other does not act.
    private static final int MAX_DEFERRALS = 2;

    private final @Nullable String leader;
    private final Timeouts timeouts;
    private ClockReading heardAt;

    /// The nodes whose connections broke since the leader was heard of, and that have said nothing since.
    private final Set<String> disconnected = new HashSet<>();

    private @Nullable ClockReading preVoteStartedAt;
    private @Nullable ClockReading nextPreVoteAt;
    private long round;
    private int deferrals;
    private final Map<String, Message.PreVoteResponse> responses = new TreeMap<>();

    /// @param leader the leader's node, null when there is none
    FailureDetector(@Nullable String leader, Timeouts timeouts, ClockReading now) {
        this.leader = leader;
        this.timeouts = timeouts;
        this.heardAt = now;
    }

    /// The leader was heard of, or the grace begins again for another reason.
    void recordContact(ClockReading now) {
        heardAt = now;
        disconnected.clear();
        preVoteStartedAt = null;
        deferrals = 0;
    }

    /// A node's connection broke. If it is the leader's, that is reason enough to ask the others at once; and
    /// nobody whose connection broke is waited for.
    void recordDisconnect(String node) {
        disconnected.add(node);
    }

    /// Why the leader is suspected, for people.
    String cause(ClockReading now) {
        return isLeaderDisconnected() ? "its connection broke" : "it has been silent for " + now.since(heardAt) + " ms";
    }

    private boolean isLeaderDisconnected() {
        return leader != null && disconnected.contains(leader);
    }

    boolean hearsLeader(ClockReading now) {
        return !isLeaderDisconnected() && now.isWithin(timeouts.lease(), heardAt);
    }

    /// Whether the others should be asked now.
    boolean shouldStartPreVote(ClockReading now) {
        return preVoteStartedAt == null
                && (isLeaderDisconnected() || now.since(heardAt) >= timeouts.grace())
                && (nextPreVoteAt == null || now.since(nextPreVoteAt) >= 0);
    }

    /// Begins a round of questions.
    ///
    /// @return its number
    long startPreVote(ClockReading now) {
        preVoteStartedAt = now;
        responses.clear();
        return ++round;
    }

    void onPreVoteResponse(String node, Message.PreVoteResponse response) {
        recordAlive(node);
        if (preVoteStartedAt != null && response.round() == round) {
            responses.put(node, response);
        }
    }

    /// Another copy has asked: it does not hear the leader, whatever it has said before. Two that notice the
    /// leader's end one after the other need not wait for each other's next question.
    void onPreVoteFrom(String node) {
        recordAlive(node);
        Message.PreVoteResponse before = responses.get(node);
        if (before != null && before.hearsLeader()) {
            responses.remove(node);
            preVoteStartedAt = null;
            nextPreVoteAt = null;
        }
    }

    /// A leader counts as lost until it says that it leads: its node may have begun again.
    private void recordAlive(String node) {
        if (!node.equals(leader)) {
            disconnected.remove(node);
        }
    }

    /// Whether the copy should take over: the others have been asked and have had time to answer, none of them
    /// hears the leader, enough of them are there to be led, and none has more, or none that has more acts.
    boolean shouldTakeOver(PartitionState state, String self, int lastEpoch, long logEnd, ClockReading now) {
        ClockReading asked = preVoteStartedAt;
        if (asked == null) {
            return false;
        }
        if (!haveAllAnswered(state, self) && now.since(asked) < timeouts.retry()) {
            return false;
        }
        endRound(now);
        int there = 1 + responses.size();
        if (responses.values().stream().anyMatch(Message.PreVoteResponse::hearsLeader)
                || there
                        < Math.min(state.minInSync(), Math.max(1, state.inSync().size()))) {
            return false;
        }
        boolean anotherHasMore = responses.values().stream()
                .anyMatch(response -> state.isInSync(response.copy()) && hasMore(response, lastEpoch, logEnd));
        return !anotherHasMore || ++deferrals > MAX_DEFERRALS;
    }

    /// Whoever cannot answer is not waited for, if another has answered: a connection may break between two
    /// nodes that are well, and the one that is left alone with its doubt gives the other the time to connect
    /// again.
    private boolean haveAllAnswered(PartitionState state, String self) {
        return !responses.isEmpty()
                && state.replicas().stream()
                        .allMatch(node ->
                                node.equals(self) || responses.containsKey(node) || disconnected.contains(node));
    }

    /// Whether a copy should take over that has lost the proof that it has all it acknowledged: no copy is left
    /// that has it. Every node that kept one in sync has said that it keeps another now, and none of these has
    /// more than this one, or none that has more acts. Who is missing may have it still, and is waited for.
    boolean shouldLeadAsLastResort(PartitionState state, String self, int lastEpoch, long logEnd, ClockReading now) {
        List<String> holders = state.inSync().stream()
                .map(CopyId::node)
                .filter(node -> !node.equals(self))
                .toList();
        if (preVoteStartedAt == null || !responses.keySet().containsAll(holders)) {
            endRoundIfOverdue(now);
            return false;
        }
        endRound(now);
        List<Message.PreVoteResponse> others =
                holders.stream().map(responses::get).toList();
        if (responses.values().stream().anyMatch(Message.PreVoteResponse::hearsLeader)
                || others.stream().anyMatch(response -> state.isInSync(response.copy()))) {
            return false;
        }
        boolean anotherHasMore = others.stream().anyMatch(response -> hasMore(response, lastEpoch, logEnd));
        return !anotherHasMore || ++deferrals > MAX_DEFERRALS;
    }

    private void endRoundIfOverdue(ClockReading now) {
        if (preVoteStartedAt != null && now.since(preVoteStartedAt) >= timeouts.retry()) {
            endRound(now);
        }
    }

    private void endRound(ClockReading now) {
        preVoteStartedAt = null;
        nextPreVoteAt = new ClockReading(now.monotonic() + timeouts.retry(), now.wall());
    }

    private static boolean hasMore(Message.PreVoteResponse response, int lastEpoch, long logEnd) {
        return response.lastEpoch() > lastEpoch || (response.lastEpoch() == lastEpoch && response.logEnd() > logEnd);
    }
}
