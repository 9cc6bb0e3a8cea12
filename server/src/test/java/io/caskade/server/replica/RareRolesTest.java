package io.caskade.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Rows of the table of roles that the simulation seldom or never takes; see `SimulationTest`.
class RareRolesTest {

    private static final NodeIncarnation A = new NodeIncarnation("a", "a-1");
    private static final NodeIncarnation C = new NodeIncarnation("c", "c-1");
    private static final CopyId COPY_A = new CopyId("a", "copy-a");
    private static final CopyId COPY_C = new CopyId("c", "copy-c");
    private static final PartitionState LED_BY_A =
            PartitionState.withoutLeader(0, List.of("a", "c"), 1).withLeadership(A, 1, Set.of(COPY_A, COPY_C));
    private static final ClockReading NOW = new ClockReading(10_000, 10_000);

    private final Replica replica = replica();

    private static Replica replica() {
        return new Replica(ReplicaOptions.builder(A, COPY_A).build(), RecoveredCopy.EMPTY);
    }

    @Test
    void aCopyWhoseDiskFailsWhileItIsRebuiltIsFenced() {
        see(LED_BY_A.withLeadership(C, 2, Set.of(COPY_A, COPY_C)), 1);
        step(new Event.CopyDamaged("a checksum is wrong"));
        step(new Event.Received(C, Messages.heartbeat(2).build()));
        assertThat(replica.role()).isInstanceOf(Role.Rebuilding.class);

        step(new Event.DiskFailed("EIO"));

        assertThat(replica.role()).isEqualTo(new Role.Fenced("EIO", false));
    }

    @Test
    void aCopyWhoseDiskFailsWhileItIsACandidateIsFenced() {
        see(LED_BY_A.withLeadership(new NodeIncarnation("a", "a-0"), 1, Set.of(COPY_A, COPY_C)), 1);
        assertThat(replica.role()).isEqualTo(new Role.Candidate(2));

        step(new Event.DiskFailed("EIO"));

        assertThat(replica.role()).isEqualTo(new Role.Fenced("EIO", false));
    }

    @Test
    void aLeaderThatIsDeposedWhileItTransfersFollows() {
        transfer();

        see(LED_BY_A.withLeadership(C, 2, Set.of(COPY_A, COPY_C)), 4);

        assertThat(replica.role()).isEqualTo(new Role.Follower());
    }

    @Test
    void aLeaderWhoseDiskFailsWhileItTransfersIsFenced() {
        transfer();

        step(new Event.DiskFailed("EIO"));

        assertThat(replica.role()).isEqualTo(new Role.Fenced("EIO", false));
    }

    @Test
    void aResignedLeaderWhoseDiskFailsIsFenced() {
        serve();
        see(LED_BY_A.withSuccessor("c"), 3);
        assertThat(replica.role()).isEqualTo(new Role.Resigned(1));

        step(new Event.DiskFailed("EIO"));

        assertThat(replica.role()).isEqualTo(new Role.Fenced("EIO", false));
    }

    /// With a write in flight, so that it does not transfer leadership at once.
    private void transfer() {
        serve();
        step(new Event.Proposed(new Proposal(1, List.of(new RecordDraft.Tombstone(new byte[] {1})))));
        step(new Event.TurnEnded());
        step(new Event.Appended());
        see(LED_BY_A.withSuccessor("c"), 3);
        assertThat(replica.role()).isEqualTo(new Role.Transferring(1));
    }

    private void serve() {
        see(LED_BY_A, 1);
        step(new Event.TurnEnded());
        step(new Event.Appended());
        step(new Event.Synced(1));
        step(new Event.Received(
                C,
                Messages.open(1, COPY_C)
                        .epochs(EpochHistory.EMPTY.with(1, 1))
                        .logEnd(1)
                        .build()));
        step(new Event.Received(C, new Message.LeaseGrant(1, COPY_C, NOW, Timeouts.DEFAULT.grant(), false)));
        step(new Event.Received(C, Messages.ack(1).upTo(1).build()));
        assertThat(replica.role()).isEqualTo(new Role.Leader(1));
    }

    private void see(PartitionState state, int version) {
        step(new Event.StateObserved(new Versioned<>(state, version)));
    }

    private void step(Event event) {
        replica.step(event, NOW);
    }
}
