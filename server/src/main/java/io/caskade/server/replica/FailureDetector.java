package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.PartitionState;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A follower's view of its leader: when its last heartbeat arrived, and the pre-vote responses of the other
/// replicas.
///
/// Not needed for safety, which rests on compare-and-set and leases. It prevents a copy that is isolated from
/// taking over, and prefers the copy with the longest log.
final class FailureDetector {

    /// A copy with a shorter log defers to a longer one this often, in case the other one does not campaign.
    private static final int MAX_DEFERRALS = 2;

    private final @Nullable String leader;
    private final Timeouts timeouts;
    private ClockReading heardAt;

    /// Nodes that disconnected since the leader's last heartbeat and have sent nothing since.
    private final Set<String> disconnected = new HashSet<>();

    private @Nullable ClockReading preVoteStartedAt;
    private @Nullable ClockReading nextPreVoteAt;
    private long round;
    private int deferrals;
    private boolean hasAbandoned;
    private final Map<String, Message.PreVoteResponse> responses = new TreeMap<>();

    /// @param leader the leader's node, null when there is none
    FailureDetector(@Nullable String leader, Timeouts timeouts, ClockReading now) {
        this.leader = leader;
        this.timeouts = timeouts;
        this.heardAt = now;
    }

    /// Resets the grace period: the leader sent a heartbeat, or this process was paused.
    void recordContact(ClockReading now) {
        heardAt = now;
        disconnected.clear();
        preVoteStartedAt = null;
        deferrals = 0;
        hasAbandoned = false;
    }

    /// An election was abandoned: the state could not be changed.
    void recordAbandonedElection() {
        hasAbandoned = true;
    }

    /// Whether an election was abandoned since the leader was heard last.
    boolean hasAbandonedElection() {
        return hasAbandoned;
    }

    /// A node's connection broke. If it is the leader's, a pre-vote starts at once. No pre-vote waits for a
    /// disconnected node.
    void recordDisconnect(String node) {
        disconnected.add(node);
    }

    /// Why the leader is suspected, for the log.
    String cause(ClockReading now) {
        return isLeaderDisconnected() ? "disconnected" : "silent for " + now.since(heardAt) + " ms";
    }

    private boolean isLeaderDisconnected() {
        return leader != null && disconnected.contains(leader);
    }

    boolean hearsLeader(ClockReading now) {
        return !isLeaderDisconnected() && now.isWithin(timeouts.lease(), heardAt);
    }

    /// The leader, for its successor.
    FormerLeader formerLeader() {
        return new FormerLeader(leader, heardAt);
    }

    /// Whether a pre-vote should start now.
    boolean shouldStartPreVote(ClockReading now) {
        return preVoteStartedAt == null
                && (isLeaderDisconnected() || now.since(heardAt) >= timeouts.grace())
                && (nextPreVoteAt == null || now.since(nextPreVoteAt) >= 0);
    }

    /// Starts a pre-vote.
    ///
    /// @return the number of its round
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

    /// Another copy sent a pre-vote request, so it does not hear the leader, whatever it answered before: two
    /// copies that notice the failure one after the other need not wait for the next round.
    void onPreVoteFrom(String node) {
        recordAlive(node);
        Message.PreVoteResponse before = responses.get(node);
        if (before != null && before.hearsLeader()) {
            responses.remove(node);
            preVoteStartedAt = null;
            nextPreVoteAt = null;
        }
    }

    /// The leader stays disconnected until its next heartbeat: its node may have restarted.
    private void recordAlive(String node) {
        if (!node.equals(leader)) {
            disconnected.remove(node);
        }
    }

    /// Ends the round once every replica has answered or had time to, and decides whether the copy takes over:
    /// none hears the leader, enough are alive to form an in-sync set, and none has a longer log, or those that
    /// have one do not campaign.
    boolean concludePreVote(PartitionState state, String self, int lastEpoch, long logEnd, ClockReading now) {
        ClockReading asked = preVoteStartedAt;
        if (asked == null) {
            return false;
        }
        if (!haveAllAnswered(state, self) && now.since(asked) < timeouts.retry()) {
            return false;
        }
        endRound(now);
        int alive = 1 + responses.size();
        if (responses.values().stream().anyMatch(Message.PreVoteResponse::hearsLeader)
                || alive < Math.min(state.minInSync(), Math.max(1, state.isr().size()))) {
            return false;
        }
        boolean anotherHasMore = responses.values().stream()
                .anyMatch(response -> state.isInSync(response.copy()) && hasMore(response, lastEpoch, logEnd));
        return !anotherHasMore || ++deferrals > MAX_DEFERRALS;
    }

    /// Disconnected replicas are not waited for once another has answered. A follower without any answer waits:
    /// the connection between two healthy nodes may have broken, and the leader may reconnect.
    private boolean haveAllAnswered(PartitionState state, String self) {
        return !responses.isEmpty()
                && state.replicas().stream()
                        .allMatch(node ->
                                node.equals(self) || responses.containsKey(node) || disconnected.contains(node));
    }

    /// Decides an unclean election once every node in the ISR has answered. An unproven copy may lead if each
    /// of these nodes keeps another copy now, and none of them has a longer log, or those that have one do not
    /// campaign. A missing node may still have the proven copy, so the round waits for it.
    boolean concludeUncleanElection(PartitionState state, String self, int lastEpoch, long logEnd, ClockReading now) {
        List<String> holders = state.isr().stream()
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
