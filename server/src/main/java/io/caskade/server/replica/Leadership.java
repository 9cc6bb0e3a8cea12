package io.caskade.server.replica;

import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
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

/// What a leader knows in its epoch: its peers, and what follows from how far they are. It decides what is
/// committed, who should be in sync and whether reads may be answered; the [Replica] acts on that.
final class Leadership {

    private final int epoch;
    private final InSyncCopy self;
    private final long mark;
    private final Moment since;
    private final long quietUntil;
    private final Timing timing;
    private final Offsets offsets;
    private final Map<String, Peer> peers = new TreeMap<>();

    /// Until when these copies support this leader: kept, since it is asked for with every event and changes with
    /// answers to beacons alone.
    private Set<InSyncCopy> supportAskedOf = Set.of();

    private @Nullable Moment supportedUntil;

    /// @param mark the sequence of the MARK that opens the epoch
    /// @param quietUntil when the leases of older leaders have ended, by the clock that never goes back
    Leadership(int epoch, InSyncCopy self, long mark, Moment since, long quietUntil, Timing timing, Offsets offsets) {
        this.epoch = epoch;
        this.self = self;
        this.mark = mark;
        this.since = since;
        this.quietUntil = quietUntil;
        this.timing = timing;
        this.offsets = offsets;
    }

    int epoch() {
        return epoch;
    }

    long mark() {
        return mark;
    }

    /// Whether no older leader's lease can be alive that this copy's answers have kept alive.
    boolean isQuietOver(Moment now) {
        return now.monotonic() >= quietUntil;
    }

    private Peer peer(String node) {
        Peer known = peers.get(node);
        return known != null ? known : peers.computeIfAbsent(node, key -> new Peer(key, since));
    }

    /// Whether streams may be opened, which is once the MARK is in the log: what a leader tells of its log is true for
    /// the whole epoch.
    boolean hasMark() {
        return offsets.logEnd() >= mark;
    }

    /// Takes a follower's stream up.
    void open(Leader from, Message.Open open, Moment now, Effects.Builder effects) {
        long parting = Parting.of(offsets.epochs(), offsets.logEnd(), open.epochs(), open.logEnd());
        Peer peer = peer(from.node());
        boolean lacksRemovals = parting < offsets.horizon() && !peer.isFed(open.copy(), parting);
        boolean rebuild = open.logEnd() > 0 && lacksRemovals;
        if (!rebuild) {
            peer.open(from, open, parting, now);
        }
        effects.send(from.node(), new Message.Opened(epoch, open.stream(), parting, offsets.epochs(), rebuild));
    }

    void acknowledged(Leader from, Message.Ack ack, Moment now, Effects.Builder effects) {
        Peer peer = peer(from.node());
        if (peer.isStream(from, ack.stream())) {
            peer.acknowledged(ack, offsets.logEnd(), now);
        } else {
            effects.send(from.node(), new Message.Closed(epoch, ack.stream()));
        }
    }

    void answered(Leader from, Message.BeaconAnswer answer) {
        peer(from.node()).answered(answer);
        supportedUntil = null;
    }

    void fed(String node, long stream, long to) {
        Peer peer = peer(node);
        if (peer.stream() == stream) {
            peer.fed(to);
        }
    }

    void beacon(PartitionState state, Moment now, Effects.Builder effects) {
        for (String node : state.replicas()) {
            if (!node.equals(self.node())) {
                beacon(node, now, effects);
            }
        }
    }

    void beacon(String node, Moment now, Effects.Builder effects) {
        peer(node);
        effects.send(node, new Message.Beacon(epoch, now, offsets.logEnd(), offsets.watermark()));
    }

    /// Gives every stream that has room what it has not been sent.
    void feed(Effects.Builder effects) {
        for (Peer peer : peers.values()) {
            Leader process = peer.process();
            if (process != null && peer.wants(offsets.logEnd())) {
                peer.isFeeding();
                effects.feed(new Effects.Feed(
                        process,
                        epoch,
                        peer.stream(),
                        peer.sent(),
                        offsets.watermark(),
                        offsets.horizon(),
                        offsets.bounds().wholeFrom()));
            }
        }
    }

    private long heldBy(InSyncCopy copy) {
        if (copy.equals(self)) {
            return offsets.held();
        }
        Peer peer = peers.get(copy.node());
        return peer == null ? -1 : peer.heldBy(copy);
    }

    /// What all of these copies hold of this leader's log. Nothing counts before its MARK: what older epochs
    /// wrote may still be cut from copies that do not have it.
    long commonTo(Set<InSyncCopy> copies) {
        long least = copies.isEmpty() ? -1 : Long.MAX_VALUE;
        for (InSyncCopy copy : copies) {
            least = Math.min(least, heldBy(copy));
        }
        return least < mark ? -1 : least;
    }

    /// Whether each of these copies has lately promised to let nobody else lead.
    boolean isSupportedBy(Set<InSyncCopy> copies, Moment now) {
        return now.isBefore(supportedUntil(copies));
    }

    /// Until when each of these copies has promised that.
    Moment supportedUntil(Set<InSyncCopy> copies) {
        Moment until = supportedUntil;
        if (until == null || !copies.equals(supportAskedOf)) {
            until = Moment.ALWAYS;
            for (InSyncCopy copy : copies) {
                until = until.orEarlier(supportedUntil(copy));
            }
            supportAskedOf = copies;
            supportedUntil = until;
        }
        return until;
    }

    private Moment supportedUntil(InSyncCopy copy) {
        if (copy.equals(self)) {
            return Moment.ALWAYS;
        }
        Peer peer = peers.get(copy.node());
        return peer == null ? Moment.NEVER : peer.supportsUntil(copy, timing.lease());
    }

    /// How many of these copies have.
    int supporters(Set<InSyncCopy> copies, Moment now) {
        int supporters = 0;
        for (InSyncCopy copy : copies) {
            if (supports(copy, now)) {
                supporters++;
            }
        }
        return supporters;
    }

    private boolean supports(InSyncCopy copy, Moment now) {
        Peer peer = peers.get(copy.node());
        return copy.equals(self) || (peer != null && peer.supports(copy, timing.lease(), now));
    }

    /// Whether [#wanted] may be another set than the state's; told without making one, for after every event.
    boolean mayWantAnother(PartitionState state, Moment now) {
        for (Peer peer : peers.values()) {
            InSyncCopy copy = peer.copy();
            if (copy != null && mayJoin(peer, copy, state, now)) {
                return true;
            }
        }
        for (InSyncCopy copy : state.inSync()) {
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
    Set<InSyncCopy> wanted(PartitionState state, Moment now) {
        Set<InSyncCopy> wanted = new HashSet<>(state.inSync());
        for (Peer peer : peers.values()) {
            InSyncCopy copy = peer.copy();
            if (copy != null && mayJoin(peer, copy, state, now)) {
                wanted.removeIf(other -> other.node().equals(copy.node()));
                wanted.add(copy);
            }
        }
        List<InSyncCopy> leaving = state.inSync().stream()
                .filter(copy -> shouldLeave(copy, now))
                .sorted(Comparator.comparing(InSyncCopy::node))
                .toList();
        for (InSyncCopy copy : leaving) {
            if (wanted.size() > state.minInSync()) {
                wanted.remove(copy);
            }
        }
        if (state.isMoving() && hasAllThatStay(wanted, state, now)) {
            letGo(wanted, state);
        }
        return wanted;
    }

    private boolean hasAllThatStay(Set<InSyncCopy> wanted, PartitionState state, Moment now) {
        Set<String> nodes = wanted.stream()
                .filter(copy -> supports(copy, now))
                .map(InSyncCopy::node)
                .collect(Collectors.toSet());
        return state.replicas().stream().filter(state::isToStay).allMatch(nodes::contains);
    }

    /// One that has left stays out: those that are not in sync yet come first.
    private void letGo(Set<InSyncCopy> wanted, PartitionState state) {
        List<InSyncCopy> going = wanted.stream()
                .filter(copy -> !state.isToStay(copy.node()) && !copy.equals(self))
                .sorted(Comparator.comparing(state::isInSync).thenComparing(InSyncCopy::node))
                .toList();
        for (InSyncCopy copy : going) {
            if (wanted.size() > state.target().size()) {
                wanted.remove(copy);
            }
        }
    }

    private boolean mayJoin(Peer peer, InSyncCopy copy, PartitionState state, Moment now) {
        return !state.isInSync(copy)
                && state.isReplica(copy.node())
                && peer.heldBy(copy) >= Math.max(mark, offsets.watermark())
                && supports(copy, now)
                && !peer.wantsToLeave(copy)
                && !peer.lags(offsets.logEnd(), timing.lag(), now);
    }

    private boolean shouldLeave(InSyncCopy copy, Moment now) {
        if (copy.equals(self)) {
            return false;
        }
        Peer peer = peer(copy.node());
        return peer.isSilent(copy, timing.lease(), now)
                || peer.wantsToLeave(copy)
                || peer.lags(offsets.logEnd(), timing.lag(), now);
    }

    /// Why a copy is to leave, for people.
    String whyLeaves(InSyncCopy copy, Moment now) {
        Peer peer = peer(copy.node());
        if (peer.isSilent(copy, timing.lease(), now)) {
            return "silent for " + peer.silentFor(copy, now) + " ms";
        }
        if (peer.isStopping(copy)) {
            return "its node stops";
        }
        if (peer.isFull(copy)) {
            return "has no room for more";
        }
        if (peer.lags(offsets.logEnd(), timing.lag(), now)) {
            return "has not caught up for " + peer.lagsFor(now) + " ms";
        }
        return "the partition moves";
    }

    /// Who may lead next without a write being lost or a wait: a process whose copy is in sync, has all of the
    /// log and is heard of. The one the state names, or any if need be.
    Optional<Leader> successor(PartitionState state, boolean anyWill, Moment now) {
        return state.replicas().stream()
                .filter(node -> anyWill || node.equals(state.successor()))
                .sorted(Comparator.<String, Boolean>comparing(node -> !node.equals(state.successor()))
                        .thenComparing(node -> !state.isToStay(node)))
                .map(peers::get)
                .filter(peer -> peer != null && isAbreast(peer, state, now))
                .map(Peer::process)
                .findFirst();
    }

    private boolean isAbreast(Peer peer, PartitionState state, Moment now) {
        return follows(peer, state, now) && peer.heldBy(Objects.requireNonNull(peer.copy())) == offsets.logEnd();
    }

    /// Whether the node's copy is in sync, is fed, and is heard of: it can have all of the log as soon as no more
    /// is added.
    boolean isFollowedBy(String node, PartitionState state, Moment now) {
        Peer peer = peers.get(node);
        return peer != null && follows(peer, state, now);
    }

    /// Whether some node's copy is.
    boolean isFollowed(PartitionState state, Moment now) {
        return peers.values().stream().anyMatch(peer -> follows(peer, state, now));
    }

    private boolean follows(Peer peer, PartitionState state, Moment now) {
        InSyncCopy copy = peer.copy();
        return copy != null
                && peer.process() != null
                && state.isInSync(copy)
                && supports(copy, now)
                && !peer.wantsToLeave(copy);
    }

    /// Ends the streams that do not move.
    void closeStuckStreams(Moment now) {
        peers.values().forEach(peer -> peer.closeIfStuck(timing.lag(), now));
    }

    /// Below this every assigned copy has all removals, or must begin anew. A copy that is being fed is waited
    /// for, wherever it is; one that is not, only so far.
    long purgeHorizon(PartitionState state, long mostBehind, Moment now) {
        boolean alone = state.replicas().equals(List.of(self.node()));
        if (!alone && now.since(since) < timing.lag()) {
            return 0;
        }
        long least = offsets.watermark();
        for (String node : state.replicas()) {
            if (!node.equals(self.node())) {
                least = Math.min(least, waitsFor(peer(node), mostBehind));
            }
        }
        return least;
    }

    private long waitsFor(Peer peer, long mostBehind) {
        long held = peer.copy() == null ? 0 : peer.received();
        return peer.process() == null ? Math.max(held, offsets.watermark() - mostBehind) : held;
    }

    /// The others as they are known here, by node.
    List<FollowerStanding> followers() {
        return peers.values().stream()
                .map(peer -> peer.standing(offsets.logEnd()))
                .toList();
    }

    /// Which removals merges here may drop: none behind a copy that is being fed, even one that began with
    /// nothing.
    long mergeHorizon() {
        return peers.values().stream()
                .filter(peer -> peer.process() != null)
                .mapToLong(Peer::received)
                .reduce(offsets.horizon(), Math::min);
    }
}
