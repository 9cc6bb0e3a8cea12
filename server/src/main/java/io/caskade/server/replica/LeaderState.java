package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A leader's state in one epoch: the progress of its followers, from which it computes what is committed,
/// which copies should be in sync and whether reads may be answered. [LeaderTasks] acts on that.
final class LeaderState {

    /// How long the copy of a process that has just connected follows before it may join the ISR; what it
    /// receives meanwhile warms up its code.
    private static final long WARM_UP_MILLIS = 2_000;

    /// How long a leader that hands over prefers other processes to it.
    private static final long PROBATION_MILLIS = 10_000;

    /// Where fewer than this, or than min-insync, would stay in the ISR, a copy joins it without warming up.
    private static final int FEW_COPIES = 2;

    private final int epoch;
    private final CopyId copyId;
    private final long epochStart;
    private final ClockReading since;
    private final FormerLeader formerLeader;
    private final long olderLeasesExpireAtMillis;
    private final Timeouts timeouts;
    private final LogPositions positions;
    private final CatchUpThrottle throttle;
    private final Map<String, FollowerProgress> followers = new TreeMap<>();

    /// The copies for which the cached expiry was computed.
    private Set<CopyId> cachedGranters = Set.of();

    /// When the lease from those copies expires. Cached, because it is asked for with every event and changes
    /// with lease grants only.
    private @Nullable ClockReading leaseExpiresAt;

    /// @param epochStart the sequence of the MARK that opens the epoch
    /// @param olderLeasesExpireAtMillis when the leases of older leaders have expired, by the monotonic clock
    LeaderState(
            int epoch,
            CopyId copyId,
            long epochStart,
            ClockReading since,
            FormerLeader formerLeader,
            long olderLeasesExpireAtMillis,
            Timeouts timeouts,
            LogPositions positions,
            CatchUpThrottle throttle) {
        this.epoch = epoch;
        this.copyId = copyId;
        this.epochStart = epochStart;
        this.since = since;
        this.formerLeader = formerLeader;
        this.olderLeasesExpireAtMillis = olderLeasesExpireAtMillis;
        this.timeouts = timeouts;
        this.positions = positions;
        this.throttle = throttle;
    }

    int epoch() {
        return epoch;
    }

    /// When it began to lead.
    ClockReading since() {
        return since;
    }

    /// The sequence of the MARK that opens the epoch.
    long epochStart() {
        return epochStart;
    }

    /// Whether every lease that this copy may have granted to an older leader has ended.
    boolean haveOlderLeasesEnded(ClockReading now) {
        return now.monotonic() >= olderLeasesExpireAtMillis;
    }

    private FollowerProgress getOrAddFollower(String node) {
        FollowerProgress known = followers.get(node);
        return known != null ? known : followers.computeIfAbsent(node, this::newFollower);
    }

    /// What is known of a node's follower, without adding it.
    private FollowerProgress followerOf(String node) {
        FollowerProgress known = followers.get(node);
        return known != null ? known : newFollower(node);
    }

    private FollowerProgress newFollower(String node) {
        return new FollowerProgress(node, since, formerLeader.silentSince(node, since));
    }

    /// Whether the MARK is in the log. Streams open only then: what a leader says about its log must hold for
    /// the whole epoch.
    boolean hasMark() {
        return positions.logEnd() >= epochStart;
    }

    /// Opens a follower's stream at the divergence point.
    void onStreamOpen(NodeIncarnation sender, Message.StreamOpen open, ClockReading now, Effects.Builder effects) {
        long divergencePoint = LogDivergence.of(positions.epochs(), positions.logEnd(), open.epochs(), open.logEnd());
        FollowerProgress follower = getOrAddFollower(sender.node());
        boolean lacksTombstones =
                divergencePoint < positions.purgeHorizon() && !follower.isStreamingTo(open.copy(), divergencePoint);
        boolean rebuild = open.logEnd() > 0 && lacksTombstones;
        if (!rebuild) {
            follower.openStream(sender, open, divergencePoint, now);
        }
        effects.send(
                sender.node(),
                new Message.StreamOpened(epoch, open.streamId(), divergencePoint, positions.epochs(), rebuild));
    }

    void onAck(NodeIncarnation sender, Message.AppendAck ack, ClockReading now, Effects.Builder effects) {
        FollowerProgress follower = getOrAddFollower(sender.node());
        if (follower.isStream(sender, ack.streamId())) {
            follower.onAck(ack, positions.logEnd(), now);
        } else {
            effects.send(sender.node(), new Message.StreamClosed(epoch, ack.streamId()));
        }
    }

    void onLeaseGrant(NodeIncarnation sender, Message.LeaseGrant grant) {
        getOrAddFollower(sender.node()).onLeaseGrant(grant);
        leaseExpiresAt = null;
    }

    void onRecordsSent(Event.RecordsSent sent) {
        FollowerProgress follower = getOrAddFollower(sent.node());
        if (follower.isThrottled()) {
            throttle.pay(sent.bytes());
        }
        if (follower.streamId() == sent.streamId()) {
            follower.onRecordsSent(sent.lastSequence());
        }
    }

    void sendHeartbeat(PartitionState state, boolean damaged, ClockReading now, Effects.Builder effects) {
        for (String node : state.replicas()) {
            if (!node.equals(copyId.node())) {
                sendHeartbeat(node, damaged, now, effects);
            }
        }
    }

    void sendHeartbeat(String node, boolean damaged, ClockReading now, Effects.Builder effects) {
        getOrAddFollower(node);
        effects.send(node, new Message.Heartbeat(epoch, now, positions.logEnd(), positions.highWatermark(), damaged));
    }

    /// Sends pending records on every stream with a free in-flight slot; to a copy that has much to catch up
    /// with, as the throttle allows.
    void sendRecords(PartitionState state, ClockReading now, Effects.Builder effects) {
        for (FollowerProgress follower : followers.values()) {
            NodeIncarnation incarnation = follower.incarnation();
            if (incarnation == null || !follower.wantsRecords(positions.logEnd())) {
                continue;
            }
            boolean throttled = mustCatchUp(follower, state, now);
            if (!throttled || throttle.hasCredit(now)) {
                follower.markSending(throttled);
                effects.sendRecords(new Effects.SendRecords(
                        incarnation,
                        epoch,
                        follower.streamId(),
                        follower.sentEnd(),
                        positions.highWatermark(),
                        positions.purgeHorizon(),
                        positions.bounds().completeAt()));
            }
        }
    }

    /// Whether the copy is not in sync, and its lag not as small as that of a copy that may be.
    private boolean mustCatchUp(FollowerProgress follower, PartitionState state, ClockReading now) {
        CopyId copy = follower.copy();
        return (copy == null || !state.isInSync(copy)) && !follower.hasLatelyCaughtUp(timeouts.lag(), now);
    }

    private long acknowledgedEndOf(CopyId copy) {
        if (copy.equals(copyId)) {
            return positions.acknowledgedEnd();
        }
        FollowerProgress follower = followers.get(copy.node());
        return follower == null ? -1 : follower.acknowledgedEndOf(copy);
    }

    /// The least acknowledged end of these copies; -1 until all hold the epoch's MARK (Raft 5.4.2: no commit
    /// of older epochs by count alone).
    long minAcknowledgedEnd(Set<CopyId> copies) {
        long least = copies.isEmpty() ? -1 : Long.MAX_VALUE;
        for (CopyId copy : copies) {
            least = Math.min(least, acknowledgedEndOf(copy));
        }
        return least < epochStart ? -1 : least;
    }

    /// Whether each of these copies has granted a lease that has not expired.
    boolean hasLeaseFrom(Set<CopyId> copies, ClockReading now) {
        return now.isBefore(leaseExpiresAt(copies));
    }

    /// When the first of these copies' lease grants expires.
    ClockReading leaseExpiresAt(Set<CopyId> copies) {
        ClockReading until = leaseExpiresAt;
        if (until == null || !copies.equals(cachedGranters)) {
            until = ClockReading.ALWAYS;
            for (CopyId copy : copies) {
                until = until.min(leaseExpiresAt(copy));
            }
            cachedGranters = copies;
            leaseExpiresAt = until;
        }
        return until;
    }

    private ClockReading leaseExpiresAt(CopyId copy) {
        if (copy.equals(copyId)) {
            return ClockReading.ALWAYS;
        }
        FollowerProgress follower = followers.get(copy.node());
        return follower == null ? ClockReading.NEVER : follower.leaseExpiresAt(copy, timeouts);
    }

    /// How many of these copies have granted a lease that has not expired.
    int countLeaseGrants(Set<CopyId> copies, ClockReading now) {
        int granters = 0;
        for (CopyId copy : copies) {
            if (hasGranted(copy, now)) {
                granters++;
            }
        }
        return granters;
    }

    private boolean hasGranted(CopyId copy, ClockReading now) {
        FollowerProgress follower = followers.get(copy.node());
        return copy.equals(copyId) || (follower != null && follower.hasGranted(copy, timeouts, now));
    }

    /// Whether [#desiredIsr] may differ from the state's set. Builds no set, because it is asked after every
    /// event.
    boolean wantsIsrChange(PartitionState state, ClockReading now) {
        for (FollowerProgress follower : followers.values()) {
            CopyId copy = follower.copy();
            if (copy != null && mayJoinIsr(follower, copy, state, now)) {
                return true;
            }
        }
        for (CopyId copy : state.isr()) {
            if (shouldLeaveIsr(copy, now)) {
                return true;
            }
        }
        return state.isReassigning();
    }

    /// The in-sync set as it should be: without copies that are silent, lag, shut down or have a full disk,
    /// and with copies that have caught up, and warmed up unless copies are lacking. It never shrinks below
    /// min-insync. In a reassignment, the departing copies leave once all staying copies are in sync and
    /// alive, down to the size of the target.
    Set<CopyId> desiredIsr(PartitionState state, ClockReading now) {
        Set<CopyId> wanted = new HashSet<>(state.isr());
        for (FollowerProgress follower : followers.values()) {
            CopyId copy = follower.copy();
            if (copy != null && mayJoinIsr(follower, copy, state, now)) {
                wanted.removeIf(other -> other.node().equals(copy.node()));
                wanted.add(copy);
            }
        }
        List<CopyId> leaving = state.isr().stream()
                .filter(copy -> shouldLeaveIsr(copy, now))
                .sorted(Comparator.comparing(CopyId::node))
                .toList();
        for (CopyId copy : leaving) {
            if (wanted.size() > state.minInSync()) {
                wanted.remove(copy);
            }
        }
        if (state.isReassigning() && hasAllThatStay(wanted, state, now)) {
            removeDeparting(wanted, state);
        }
        return wanted;
    }

    private boolean hasAllThatStay(Set<CopyId> wanted, PartitionState state, ClockReading now) {
        Set<String> nodes = wanted.stream()
                .filter(copy -> hasGranted(copy, now))
                .map(CopyId::node)
                .collect(Collectors.toSet());
        return state.replicas().stream().filter(state::isStaying).allMatch(nodes::contains);
    }

    /// Removes departing copies outside the ISR first, so that a copy that left does not rejoin.
    private void removeDeparting(Set<CopyId> wanted, PartitionState state) {
        List<CopyId> going = wanted.stream()
                .filter(copy -> !state.isStaying(copy.node()) && !copy.equals(copyId))
                .sorted(Comparator.comparing(state::isInSync).thenComparing(CopyId::node))
                .toList();
        for (CopyId copy : going) {
            if (wanted.size() > state.target().size()) {
                wanted.remove(copy);
            }
        }
    }

    private boolean mayJoinIsr(FollowerProgress follower, CopyId copy, PartitionState state, ClockReading now) {
        return !state.isInSync(copy)
                && state.isReplica(copy.node())
                && follower.acknowledgedEndOf(copy) >= Math.max(epochStart, positions.highWatermark())
                && hasGranted(copy, now)
                && !follower.wantsToLeave(copy)
                && !follower.lags(positions.logEnd(), timeouts.lag(), now)
                && (!follower.hasJustConnected(WARM_UP_MILLIS, now) || lacksCopies(state, now));
    }

    /// Whether too few copies stay in the ISR for another to take its time.
    private boolean lacksCopies(PartitionState state, ClockReading now) {
        int staying = 0;
        for (CopyId copy : state.isr()) {
            if (!shouldLeaveIsr(copy, now)) {
                staying++;
            }
        }
        return staying < Math.max(FEW_COPIES, state.minInSync());
    }

    private boolean shouldLeaveIsr(CopyId copy, ClockReading now) {
        if (copy.equals(copyId)) {
            return false;
        }
        FollowerProgress follower = followerOf(copy.node());
        return follower.isSilent(copy, timeouts.lease(), now)
                || follower.wantsToLeave(copy)
                || follower.lags(positions.logEnd(), timeouts.lag(), now);
    }

    /// Why a copy should leave the ISR, human-readable.
    String leaveReason(CopyId copy, ClockReading now) {
        FollowerProgress follower = followerOf(copy.node());
        if (follower.isSilent(copy, timeouts.lease(), now)) {
            return "silent for " + follower.silentFor(copy, now) + " ms";
        }
        if (follower.isStopping(copy)) {
            return "its node is shutting down";
        }
        if (follower.isDiskFull(copy)) {
            return "its disk is full";
        }
        if (follower.lags(positions.logEnd(), timeouts.lag(), now)) {
            return "has not caught up for " + follower.lagsFor(now) + " ms";
        }
        return "the partition is being reassigned";
    }

    /// A process that can lead next without a lost write or a wait: its copy is in sync, has the whole log and
    /// is alive. The successor named by the state, or any other if `anyCandidate`; one with room before one
    /// without, and a process that has been running before one that has just connected and is still slow.
    Optional<NodeIncarnation> successor(PartitionState state, boolean anyCandidate, ClockReading now) {
        return candidates(state, now)
                .filter(follower -> anyCandidate || follower.node().equals(state.successor()))
                .map(FollowerProgress::incarnation)
                .findFirst();
    }

    /// The same, of those whose disk has room.
    Optional<NodeIncarnation> successorWithRoom(PartitionState state, ClockReading now) {
        return candidates(state, now)
                .filter(FollowerProgress::hasRoom)
                .map(FollowerProgress::incarnation)
                .findFirst();
    }

    private Stream<FollowerProgress> candidates(PartitionState state, ClockReading now) {
        return state.replicas().stream()
                .sorted(Comparator.<String, Boolean>comparing(
                                node -> !node.equals(state.successor()) || hasJustConnected(node, now))
                        .thenComparing(node -> !followerOf(node).hasRoom())
                        .thenComparing(node -> !state.isStaying(node))
                        .thenComparing(node -> hasJustConnected(node, now)))
                .map(followers::get)
                .filter(follower -> follower != null && hasWholeLog(follower, state, now));
    }

    private boolean hasWholeLog(FollowerProgress follower, PartitionState state, ClockReading now) {
        return follows(follower, state, now)
                && follower.acknowledgedEndOf(Objects.requireNonNull(follower.copy())) == positions.logEnd();
    }

    /// Whether the node's copy is in sync, streaming, alive and not damaged, and its disk has room: it will
    /// have the whole log as soon as nothing more is appended.
    boolean isReadyToLead(String node, PartitionState state, ClockReading now) {
        FollowerProgress follower = followers.get(node);
        return follower != null && follows(follower, state, now) && follower.hasRoom();
    }

    /// Whether a node's process is so new that it should lead only where no other can.
    boolean hasJustConnected(String node, ClockReading now) {
        return followerOf(node).hasJustConnected(PROBATION_MILLIS, now);
    }

    /// Whether at least one node [is ready to lead][#isReadyToLead].
    boolean hasFollowerWithRoom(PartitionState state, ClockReading now) {
        return followers.keySet().stream().anyMatch(node -> isReadyToLead(node, state, now));
    }

    /// Whether at least one node's copy is in sync, streaming and alive, with room or without.
    boolean hasHealthyInSyncFollower(PartitionState state, ClockReading now) {
        return followers.values().stream().anyMatch(follower -> follows(follower, state, now));
    }

    private boolean follows(FollowerProgress follower, PartitionState state, ClockReading now) {
        CopyId copy = follower.copy();
        return copy != null
                && follower.incarnation() != null
                && state.isInSync(copy)
                && hasGranted(copy, now)
                && !follower.isDamaged(copy)
                && !follower.wantsToLeave(copy);
    }

    /// Closes the streams that make no progress.
    void closeStuckStreams(ClockReading now) {
        followers.values().forEach(follower -> follower.closeIfStuck(timeouts.lag(), now));
    }

    /// The next purge horizon: up to it every assigned copy has all tombstones, or must be rebuilt. A copy
    /// with an open stream holds it back however far behind it is; any other copy only up to `maxBehind`
    /// records.
    long nextPurgeHorizon(PartitionState state, long maxBehind, ClockReading now) {
        boolean alone = state.replicas().equals(List.of(copyId.node()));
        if (!alone && now.since(since) < timeouts.lag()) {
            return 0;
        }
        long least = positions.highWatermark();
        for (String node : state.replicas()) {
            if (!node.equals(copyId.node())) {
                least = Math.min(least, tombstonesNeededFrom(followerOf(node), maxBehind));
            }
        }
        return least;
    }

    private long tombstonesNeededFrom(FollowerProgress follower, long maxBehind) {
        long acknowledgedEnd = follower.copy() == null ? 0 : follower.receivedEnd();
        return follower.incarnation() == null
                ? Math.max(acknowledgedEnd, positions.highWatermark() - maxBehind)
                : acknowledgedEnd;
    }

    /// The followers' status, by node.
    List<FollowerStatus> followers() {
        return followers.values().stream()
                .map(follower -> follower.status(positions.logEnd()))
                .toList();
    }

    /// The sequence up to which merges on this node may drop tombstones: not past what any copy with an open
    /// stream has received, even one that started empty.
    long localPurgeHorizon() {
        return followers.values().stream()
                .filter(follower -> follower.incarnation() != null)
                .mapToLong(FollowerProgress::receivedEnd)
                .reduce(positions.purgeHorizon(), Math::min);
    }
}
