package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.heartbeat;
import static io.caskade.server.replica.Messages.open;
import static io.caskade.server.replica.Messages.opened;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Event.Received;
import io.caskade.server.replica.Event.StateObserved;
import io.caskade.server.replica.Event.Synced;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A replica of node `b` among those of `a` and `c`, with events to bring it into each role. In epoch 2 `a`
/// leads and `b` follows; in epoch 3 `b` leads.
class ReplicaFixture {

    static final Timeouts TIMEOUTS = new Timeouts(1000, 2000, 500, 5000, 5000);

    static final NodeIncarnation A = new NodeIncarnation("a", "a-1");

    static final NodeIncarnation B = new NodeIncarnation("b", "b-1");

    static final NodeIncarnation C = new NodeIncarnation("c", "c-1");

    static final NodeIncarnation D = new NodeIncarnation("d", "d-1");

    static final CopyId COPY_A = new CopyId("a", "copy-a");

    static final CopyId COPY_B = new CopyId("b", "copy-b");

    static final CopyId COPY_C = new CopyId("c", "copy-c");

    static final CopyId COPY_D = new CopyId("d", "copy-d");

    static final CopyId UNPROVEN_A = new CopyId("a", "copy-a2");

    static final CopyId UNPROVEN_B = new CopyId("b", "copy-b2");

    static final PartitionState UNLED = PartitionState.withoutLeader(0, List.of("a", "b", "c"), 1);

    static final PartitionState LED_BY_A = UNLED.withLeadership(A, 2, Set.of(COPY_A, COPY_B));

    static final PartitionState LED_BY_B = UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C));

    static final EpochHistory ONE_EPOCH = EpochHistory.EMPTY.with(1, 1);

    /// Every compare-and-set that any replica of the test has asked for.
    final List<Effects.StateWrite> written = new ArrayList<>();

    /// The time, by both clocks.
    long now = 100_000;

    void write(Replica b, long token) {
        step(b, new Event.Proposed(tombstone(token)));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());
        step(b, new Synced(1000));
    }

    Replica streamingFollower() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));
        return b;
    }

    static List<String> texts(Effects effects) {
        return effects.notes().stream().map(Effects.LogLine::text).toList();
    }

    Replica unproven(long end) {
        return unproven(ONE_EPOCH, end);
    }

    Replica unproven(EpochHistory epochs, long end) {
        ReplicaOptions options = options(UNPROVEN_B)
                .formerCopyIds(Set.of(COPY_B))
                .syncBeforeAck(false)
                .build();
        Replica replica = new Replica(
                options,
                RecoveredCopy.builder()
                        .epochs(epochs)
                        .logEnd(end)
                        .highWatermark(Math.min(end, 3))
                        .build());
        see(replica, LED_BY_A, 7);
        return replica;
    }

    Replica streaming() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        receive(b, A, opened(2).divergencePoint(5).epochs(ONE_EPOCH.with(2, 6)));
        receive(b, A, heartbeat(2).logEnd(5).highWatermark(5));
        return b;
    }

    Replica servingAlone() {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        lead(b, 3, Set.of(COPY_B), 8);
        assertThat(b.role()).isEqualTo(new Role.Leader(3));
        now += 3000;
        return b;
    }

    /// B serves in epoch 3 and is followed by all that are in sync, and its first state has version 9.
    Replica servingWith(PartitionState led) {
        Replica b = follower(LED_BY_A, ONE_EPOCH, 5);
        now += 3000;
        see(b, led, 9);
        writeMark(b);
        for (CopyId copy : led.isr()) {
            NodeIncarnation incarnation = new NodeIncarnation(copy.node(), copy.node() + "-1");
            if (!copy.equals(COPY_B)) {
                follow(b, incarnation, copy, 1, 6);
                grantLease(b, incarnation, copy);
                receive(b, incarnation, ack(3).upTo(6));
            }
        }
        assertThat(b.role()).isEqualTo(new Role.Leader(3));
        return b;
    }

    void writeUnsynced(Replica b) {
        step(b, new Event.Proposed(tombstone(1)));
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());
        step(b, new Synced(8));
    }

    static Proposal tombstone(long token) {
        return new Proposal(token, List.of(new RecordDraft.Tombstone(new byte[] {1})));
    }

    static Proposal put(long token, int bytes) {
        return new Proposal(token, List.of(new RecordDraft.Put(new byte[] {1}, new byte[bytes], 0)));
    }

    Replica follower(PartitionState state, EpochHistory epochs, long end) {
        Replica replica = new Replica(
                options().build(),
                RecoveredCopy.builder()
                        .epochs(epochs)
                        .logEnd(end)
                        .highWatermark(Math.min(end, 3))
                        .build());
        see(replica, state, 7);
        return replica;
    }

    /// A new leader's MARK is written and synced.
    void writeMark(Replica b) {
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());
        step(b, new Synced(6));
    }

    /// The controller, say, elects it, and its MARK is written and synced.
    void lead(Replica b, int epoch, Set<CopyId> inSync, int version) {
        see(b, UNLED.withLeadership(B, epoch, inSync), version);
        writeMark(b);
    }

    void follow(Replica b, NodeIncarnation incarnation, CopyId copy, long stream, long end) {
        EpochHistory epochs = end > 5 ? ONE_EPOCH.with(3, 6) : ONE_EPOCH;
        receive(b, incarnation, open(3, copy).stream(stream).epochs(epochs).logEnd(end));
    }

    /// Ticks until the grace has passed.
    Effects silence(Replica b) {
        for (int i = 0; i < 19; i++) {
            now += 100;
            step(b, new Event.Ticked());
        }
        now += 100;
        return step(b, new Event.Ticked());
    }

    Effects receive(Replica replica, NodeIncarnation sender, Messages.Builder message) {
        return receive(replica, sender, message.build());
    }

    Effects receive(Replica replica, NodeIncarnation sender, Message message) {
        return step(replica, new Received(sender, message));
    }

    /// In epoch 3, in answer to a heartbeat that was sent just now, by a node with the same timeouts.
    Effects grantLease(Replica replica, NodeIncarnation sender, CopyId copy) {
        return grantLease(replica, sender, copy, TIMEOUTS.grant());
    }

    Effects grantLease(Replica replica, NodeIncarnation sender, CopyId copy, long durationMillis) {
        return receive(replica, sender, new Message.LeaseGrant(3, copy, at(), durationMillis, false));
    }

    /// The stored state is seen.
    Effects see(Replica replica, PartitionState state, int version) {
        return step(replica, new StateObserved(new Versioned<>(state, version)));
    }

    /// The replica's own compare-and-set has won.
    Effects win(Replica replica, PartitionState state, int version) {
        return step(replica, new Event.CasWon(new Versioned<>(state, version)));
    }

    /// What is sent when a message goes to a node.
    static Effects.Send sent(String node, Messages.Builder message) {
        return new Effects.Send(node, message.build());
    }

    Effects step(Replica replica, Event event) {
        Effects effects = replica.step(event, at());
        effects.stateWrite().ifPresent(written::add);
        return effects;
    }

    ClockReading at() {
        return new ClockReading(now, now);
    }

    /// Of b's copy, with few tombstones retained.
    static ReplicaOptions.Builder options() {
        return options(COPY_B);
    }

    private static ReplicaOptions.Builder options(CopyId copy) {
        return ReplicaOptions.builder(B, copy)
                .idleMarkMillis(100_000)
                .maxRetainedTombstones(20)
                .timeouts(TIMEOUTS);
    }
}
