package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.PartitionState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// How a leader with followers gathers proposals into groups.
class ProposalBatcherTest extends ReplicaFixture {

    @Test
    void aSmallGroupWaitsForTheOneInFlight() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        step(b, new Event.Proposed(tombstone(2)));
        step(b, new Event.Proposed(tombstone(3)));
        assertThat(step(b, new Event.TurnEnded()).append()).isEmpty();

        receive(b, C, ack(3).upTo(8));

        Effects next = step(b, new Event.TurnEnded());
        assertThat(next.append().orElseThrow().proposals())
                .extracting(Proposal::token)
                .containsExactly(2L, 3L);
    }

    /// Most of those whose writes were committed write again at once.
    @Test
    void aGroupWaitsForTheWritersThatHaveJustBeenAnswered() {
        Replica b = leaderThatHasAnsweredTenWriters();

        Effects waiting = step(b, new Event.TurnEnded());
        assertThat(waiting.append()).isEmpty();
        assertThat(waiting.wakeAfterMillis()).hasValue(2);
        step(b, new Event.Proposed(tombstone(21)));
        Effects still = step(b, new Event.TurnEnded());
        assertThat(still.append()).isEmpty();
        assertThat(still.wakeAfterMillis()).as("once is enough").isEmpty();

        now += 2;
        step(b, new Event.Woken());
        assertThat(step(b, new Event.TurnEnded()).append().orElseThrow().proposals())
                .extracting(Proposal::token)
                .containsExactly(20L, 21L);
    }

    @Test
    void aTransferringLeaderDoesNotWaitForWriters() {
        Replica b = leaderThatHasAnsweredTenWriters();

        step(b, new Event.StopRequested());

        assertThat(step(b, new Event.TurnEnded()).append()).isPresent();
    }

    /// A leader's answer may need a MARK with a later time.
    @Test
    void aReadThatWaitsForAMarkDoesNotWaitForWriters() {
        Replica b = leaderThatHasAnsweredTenWriters();

        step(b, new Event.ReadBarrierRequested(30, 0, now));

        assertThat(step(b, new Event.TurnEnded()).append()).isPresent();
    }

    /// Their group has just been committed, after 50 ms in which another one has proposed token 20.
    private Replica leaderThatHasAnsweredTenWriters() {
        Replica b = servingWith(LED_BY_B);
        for (int token = 8; token < 18; token++) {
            step(b, new Event.Proposed(tombstone(token)));
        }
        step(b, new Event.TurnEnded());
        step(b, new Event.Appended());
        step(b, new Event.Synced(1000));
        step(b, new Event.Proposed(tombstone(20)));
        now += 50;
        receive(b, C, ack(3).upTo(17));
        return b;
    }

    @Test
    void aLargeGroupDoesNotWait() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        step(b, new Event.Proposed(put(2, 60 << 10)));
        assertThat(step(b, new Event.TurnEnded()).append()).isEmpty();
        step(b, new Event.Proposed(put(3, 60 << 10)));

        assertThat(step(b, new Event.TurnEnded()).append()).isPresent();
    }

    @Test
    void aWriteWithAcksLeaderDoesNotWait() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        Proposal leaderOnly = new Proposal(2, tombstone(2).records(), Proposal.Acks.LEADER);
        step(b, new Event.Proposed(leaderOnly));

        assertThat(step(b, new Event.TurnEnded()).append()).isPresent();
    }

    @Test
    void aTransferringLeaderDoesNotWait() {
        Replica b = servingWith(LED_BY_B);
        writeUnsynced(b);
        step(b, new Event.Proposed(tombstone(2)));
        step(b, new Event.StopRequested());
        assertThat(b.role()).isInstanceOf(Role.Transferring.class);

        assertThat(step(b, new Event.TurnEnded()).append()).isPresent();
    }

    @Test
    void belowMinInsyncEvenWritesWithAcksLeaderAreRefused() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C);
        receive(b, C, ack(3).upTo(6));
        PartitionState joined =
                new PartitionState(0, List.of("a", "b", "c"), B, 3, Set.of(COPY_B, COPY_C), 2, List.of(), null);
        win(b, joined, 9);
        now += 1000;

        RecordDraft draft = new RecordDraft.Tombstone(new byte[] {1});
        assertThat(step(b, new Event.Proposed(new Proposal(1, List.of(draft), Proposal.Acks.LEADER)))
                        .settled())
                .containsExactly(new Effects.Settled(1, Refusal.NOT_ENOUGH_REPLICAS));
    }
}
