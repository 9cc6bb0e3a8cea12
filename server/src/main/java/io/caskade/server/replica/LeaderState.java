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
import org.jspecify.annotations.Nullable;

/// What a leader knows in its epoch: the progress of its followers, and what follows from it. It decides what
/// is committed, which copies should be in sync and whether reads may be answered; [LeaderTasks] acts on that.
final class LeaderState {

    private final int epoch;
    private final CopyId copyId;
    private final long mark;
    private final ClockReading since;
    private final long olderLeasesEnd;
    private final Timeouts timeouts;
    private final Offsets offsets;
    private final Map<String, FollowerProgress> followers = new TreeMap<>();

    /// Until when these copies support this leader: kept, since it is asked for with every event and changes
    /// with answers to heartbeats alone.
    private Set<CopyId> supportersAsked = Set.of();

    private @Nullable ClockReading supportedUntil;

    /// @param mark the sequence of the MARK that opens the epoch
    /// @param olderLeasesEnd when the leases of older leaders have ended, by the clock that never goes back
    LeaderState(
            int epoch,
            CopyId copyId,
            long mark,
            ClockReading since,
            long olderLeasesEnd,
            Timeouts timeouts,
            Offsets offsets) {
        this.epoch = epoch;
        this.copyId = copyId;
        this.mark = mark;
        this.since = since;
        this.olderLeasesEnd = olderLeasesEnd;
        this.timeouts = timeouts;
        this.offsets = offsets;
    }

    int epoch() {
        return epoch;
    }

    long mark() {
        return mark;
    }

    /// Whether no older leader's lease can be alive that this copy's answers have kept alive.
    boolean haveOlderLeasesEnded(ClockReading now) {
        return now.monotonic() >= olderLeasesEnd;
    }

    private FollowerProgress follower(String node) {
        FollowerProgress known = followers.get(node);
        return known != null ? known : followers.computeIfAbsent(node, key -> new FollowerProgress(key, since));
    }

    /// Whether streams may be opened, which is once the MARK is in the log: what a leader tells of its log is
    /// true for the whole epoch.
    boolean hasMark() {
        return offsets.logEnd() >= mark;
    }

    /// Takes a follower's stream up.
    void onStreamOpen(NodeIncarnation sender, Message.StreamOpen open, ClockReading now, Effects.Builder effects) {
        long divergencePoint = LogDivergence.of(offsets.epochs(), offsets.logEnd(), open.epochs(), open.logEnd());
        FollowerProgress follower = follower(sender.node());
        boolean lacksTombstones =
                divergencePoint < offsets.horizon() && !follower.isStreamingTo(open.copy(), divergencePoint);
        boolean rebuild = open.logEnd() > 0 && lacksTombstones;
        if (!rebuild) {
            follower.openStream(sender, open, divergencePoint, now);
        }
        effects.send(
                sender.node(),
                new Message.StreamOpened(epoch, open.stream(), divergencePoint, offsets.epochs(), rebuild));
    }

    void onAck(NodeIncarnation sender, Message.AppendAck ack, ClockReading now, Effects.Builder effects) {
        FollowerProgress follower = follower(sender.node());
        if (follower.isStream(sender, ack.stream())) {
            follower.onAck(ack, offsets.logEnd(), now);
        } else {
            effects.send(sender.node(), new Message.StreamClosed(epoch, ack.stream()));
        }
    }

    void onLeaseGrant(NodeIncarnation sender, Message.LeaseGrant grant) {
        follower(sender.node()).onLeaseGrant(grant);
        supportedUntil = null;
    }

    void onRecordsSent(String node, long stream, long to) {
        FollowerProgress follower = follower(node);
        if (follower.stream() == stream) {
            follower.onRecordsSent(to);
        }
    }

    void sendHeartbeat(PartitionState state, ClockReading now, Effects.Builder effects) {
        for (String node : state.replicas()) {
            if (!node.equals(copyId.node())) {
                sendHeartbeat(node, now, effects);
            }
        }
    }

    void sendHeartbeat(String node, ClockReading now, Effects.Builder effects) {
        follower(node);
        effects.send(node, new Message.Heartbeat(epoch, now, offsets.logEnd(), offsets.highWatermark()));
    }

    /// Gives every stream that has room what it has not been sent.
    void sendRecords(Effects.Builder effects) {
        for (FollowerProgress follower : followers.values()) {
            NodeIncarnation incarnation = follower.incarnation();
            if (incarnation != null && follower.wantsRecords(offsets.logEnd())) {
                follower.markSending();
                effects.sendRecords(new Effects.SendRecords(
                        incarnation,
                        epoch,
                        follower.stream(),
                        follower.sentEnd(),
                        offsets.highWatermark(),
                        offsets.horizon(),
                        offsets.bounds().completeFrom()));
            }
        }
    }

    private long acknowledgedEndOf(CopyId copy) {
        if (copy.equals(copyId)) {
            return offsets.acknowledgedEnd();
        }
        FollowerProgress follower = followers.get(copy.node());
        return follower == null ? -1 : follower.acknowledgedEndOf(copy);
    }

    /// What all of these copies hold of this leader's log. Nothing counts before its MARK: what older epochs
    /// wrote may still be cut from copies that do not have it.
    long commonEnd(Set<CopyId> copies) {
        long least = copies.isEmpty() ? -1 : Long.MAX_VALUE;
        for (CopyId copy : copies) {
            least = Math.min(least, acknowledgedEndOf(copy));
        }
        return least < mark ? -1 : least;
    }

    /// Whether each of these copies has lately promised to let no other copy lead.
    boolean isSupportedBy(Set<CopyId> copies, ClockReading now) {
        return now.isBefore(supportedUntil(copies));
    }

    /// Until when each of these copies has promised that.
    ClockReading supportedUntil(Set<CopyId> copies) {
        ClockReading until = supportedUntil;
        if (until == null || !copies.equals(supportersAsked)) {
            until = ClockReading.ALWAYS;
            for (CopyId copy : copies) {
                until = until.min(supportedUntil(copy));
            }
            supportersAsked = copies;
            supportedUntil = until;
        }
        return until;
    }

    private ClockReading supportedUntil(CopyId copy) {
        if (copy.equals(copyId)) {
            return ClockReading.ALWAYS;
        }
        FollowerProgress follower = followers.get(copy.node());
        return follower == null ? ClockReading.NEVER : follower.supportedUntil(copy, timeouts.lease());
    }

    /// How many of these copies have.
    int supporters(Set<CopyId> copies, ClockReading now) {
        int supporters = 0;
        for (CopyId copy : copies) {
            if (supports(copy, now)) {
                supporters++;
            }
        }
        return supporters;
    }

    private boolean supports(CopyId copy, ClockReading now) {
        FollowerProgress follower = followers.get(copy.node());
        return copy.equals(copyId) || (follower != null && follower.supports(copy, timeouts.lease(), now));
    }

    /// Whether [#desiredInSync] may be another set than the state's; told without making one, for after every
    /// event.
    boolean mayChangeInSync(PartitionState state, ClockReading now) {
        for (FollowerProgress follower : followers.values()) {
            CopyId copy = follower.copy();
            if (copy != null && mayJoin(follower, copy, state, now)) {
                return true;
            }
        }
        for (CopyId copy : state.inSync()) {
            if (shouldLeave(copy, now)) {
                return true;
            }
        }
        return state.isMoving();
    }

    /// Which copies should be in sync: without those that are silent, lag, stop or have no room, with those
    /// that have caught up; but never fewer than must be, and of those that should leave, only as many as
    /// others replace then. Those that are to go with a move leave once all that are to stay are in sync and
    /// heard of, down to as many as the target has.
    Set<CopyId> desiredInSync(PartitionState state, ClockReading now) {
        Set<CopyId> wanted = new HashSet<>(state.inSync());
        for (FollowerProgress follower : followers.values()) {
            CopyId copy = follower.copy();
            if (copy != null && mayJoin(follower, copy, state, now)) {
                wanted.removeIf(other -> other.node().equals(copy.node()));
                wanted.add(copy);
            }
        }
        List<CopyId> leaving = state.inSync().stream()
                .filter(copy -> shouldLeave(copy, now))
                .sorted(Comparator.comparing(CopyId::node))
                .toList();
        for (CopyId copy : leaving) {
            if (wanted.size() > state.minInSync()) {
                wanted.remove(copy);
            }
        }
        if (state.isMoving() && hasAllThatStay(wanted, state, now)) {
            removeDeparting(wanted, state);
        }
        return wanted;
    }

    private boolean hasAllThatStay(Set<CopyId> wanted, PartitionState state, ClockReading now) {
        Set<String> nodes = wanted.stream()
                .filter(copy -> supports(copy, now))
                .map(CopyId::node)
                .collect(Collectors.toSet());
        return state.replicas().stream().filter(state::isStaying).allMatch(nodes::contains);
    }

    /// One that has left stays out: those that are not in sync yet come first.
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

    private boolean mayJoin(FollowerProgress follower, CopyId copy, PartitionState state, ClockReading now) {
        return !state.isInSync(copy)
                && state.isReplica(copy.node())
                && follower.acknowledgedEndOf(copy) >= Math.max(mark, offsets.highWatermark())
                && supports(copy, now)
                && !follower.wantsToLeave(copy)
                && !follower.lags(offsets.logEnd(), timeouts.lag(), now);
    }

    private boolean shouldLeave(CopyId copy, ClockReading now) {
        if (copy.equals(copyId)) {
            return false;
        }
        FollowerProgress follower = follower(copy.node());
        return follower.isSilent(copy, timeouts.lease(), now)
                || follower.wantsToLeave(copy)
                || follower.lags(offsets.logEnd(), timeouts.lag(), now);
    }

    /// Why a copy is to leave, for people.
    String leaveReason(CopyId copy, ClockReading now) {
        FollowerProgress follower = follower(copy.node());
        if (follower.isSilent(copy, timeouts.lease(), now)) {
            return "silent for " + follower.silentFor(copy, now) + " ms";
        }
        if (follower.isStopping(copy)) {
            return "its node stops";
        }
        if (follower.isFull(copy)) {
            return "has no room for more";
        }
        if (follower.lags(offsets.logEnd(), timeouts.lag(), now)) {
            return "has not caught up for " + follower.lagsFor(now) + " ms";
        }
        return "the partition moves";
    }

    /// Who may lead next without a write being lost or a wait: a process whose copy is in sync, has all of the
    /// log and is heard of. The one the state names, or any if need be.
    Optional<NodeIncarnation> successor(PartitionState state, boolean anyWill, ClockReading now) {
        return state.replicas().stream()
                .filter(node -> anyWill || node.equals(state.successor()))
                .sorted(Comparator.<String, Boolean>comparing(node -> !node.equals(state.successor()))
                        .thenComparing(node -> !state.isStaying(node)))
                .map(followers::get)
                .filter(follower -> follower != null && hasWholeLog(follower, state, now))
                .map(FollowerProgress::incarnation)
                .findFirst();
    }

    private boolean hasWholeLog(FollowerProgress follower, PartitionState state, ClockReading now) {
        return follows(follower, state, now)
                && follower.acknowledgedEndOf(Objects.requireNonNull(follower.copy())) == offsets.logEnd();
    }

    /// Whether the node's copy is in sync, is fed, and is heard of: it can have all of the log as soon as no
    /// more is added.
    boolean isFollowedBy(String node, PartitionState state, ClockReading now) {
        FollowerProgress follower = followers.get(node);
        return follower != null && follows(follower, state, now);
    }

    /// Whether some node's copy is.
    boolean isFollowedByAny(PartitionState state, ClockReading now) {
        return followers.values().stream().anyMatch(follower -> follows(follower, state, now));
    }

    private boolean follows(FollowerProgress follower, PartitionState state, ClockReading now) {
        CopyId copy = follower.copy();
        return copy != null
                && follower.incarnation() != null
                && state.isInSync(copy)
                && supports(copy, now)
                && !follower.wantsToLeave(copy);
    }

    /// Ends the streams that do not move.
    void closeStuckStreams(ClockReading now) {
        followers.values().forEach(follower -> follower.closeIfStuck(timeouts.lag(), now));
    }

    /// Below this every assigned copy has all tombstones, or must begin again. A copy that is being streamed to
    /// is waited for, wherever it is; one that is not, only so far.
    long purgeHorizon(PartitionState state, long maxBehind, ClockReading now) {
        boolean alone = state.replicas().equals(List.of(copyId.node()));
        if (!alone && now.since(since) < timeouts.lag()) {
            return 0;
        }
        long least = offsets.highWatermark();
        for (String node : state.replicas()) {
            if (!node.equals(copyId.node())) {
                least = Math.min(least, tombstonesNeededFrom(follower(node), maxBehind));
            }
        }
        return least;
    }

    private long tombstonesNeededFrom(FollowerProgress follower, long maxBehind) {
        long acknowledgedEnd = follower.copy() == null ? 0 : follower.receivedEnd();
        return follower.incarnation() == null
                ? Math.max(acknowledgedEnd, offsets.highWatermark() - maxBehind)
                : acknowledgedEnd;
    }

    /// The others as they are known here, by node.
    List<FollowerStatus> followers() {
        return followers.values().stream()
                .map(follower -> follower.status(offsets.logEnd()))
                .toList();
    }

    /// Which tombstones merges here may drop: none behind a copy that is being streamed to, even one that began
    /// with nothing.
    long mergeHorizon() {
        return followers.values().stream()
                .filter(follower -> follower.incarnation() != null)
                .mapToLong(FollowerProgress::receivedEnd)
                .reduce(offsets.horizon(), Math::min);
    }
}
