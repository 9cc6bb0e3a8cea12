package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.append;
import static io.caskade.server.replica.Messages.heartbeat;
import static io.caskade.server.replica.Messages.opened;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.replica.Event.Synced;
import org.junit.jupiter.api.Test;

/// Reads at any copy, with a causal context.
class DeferredReadsTest extends ReplicaFixture {

    @Test
    void aReadWaitsUntilTheCopyHasReachedItsContext() {
        Replica b = streaming();
        receive(b, A, append().from(5).to(8));
        step(b, new Event.ReplicatedAppended());
        assertThat(b.highWatermark()).isEqualTo(5);

        assertThat(step(b, new Event.FollowerReadRequested(1, 1, 5, 100)).settled())
                .containsExactly(new Effects.Settled(1, null));
        assertThat(step(b, new Event.FollowerReadRequested(2, 2, 8, 100)).settled())
                .isEmpty();
        assertThat(step(b, new Synced(8)).settled()).containsExactly(new Effects.Settled(2, null));
        assertThat(b.highWatermarkEpoch()).isEqualTo(2);
    }

    @Test
    void aReadWhoseContextIsNotReachedInTimeIsRefused() {
        Replica b = streaming();

        assertThat(step(b, new Event.FollowerReadRequested(1, 2, 9, 100)).settled())
                .isEmpty();
        now += 100;

        assertThat(step(b, new Event.Ticked()).settled())
                .containsExactly(new Effects.Settled(1, Refusal.BEHIND_CONTEXT));
    }

    @Test
    void aContextOfALostHistoryIsRefusedAtOnce() {
        Replica b = streaming();
        receive(b, A, append().from(5).to(8));
        step(b, new Event.ReplicatedAppended());
        step(b, new Synced(8));

        assertThat(step(b, new Event.FollowerReadRequested(1, 1, 7, 100)).settled())
                .containsExactly(new Effects.Settled(1, Refusal.CONTEXT_LOST));
        assertThat(step(b, new Event.FollowerReadRequested(2, 1, 900, 100)).settled())
                .containsExactly(new Effects.Settled(2, Refusal.CONTEXT_LOST));
        assertThat(step(b, new Event.FollowerReadRequested(3, 1, 5, 100)).settled())
                .containsExactly(new Effects.Settled(3, null));
    }

    @Test
    void anIncompleteCopyShowsNothingUntilItIsComplete() {
        Replica b = streaming();
        receive(b, A, append().from(5).to(8).completeAt(10));
        step(b, new Event.ReplicatedAppended());
        step(b, new Synced(8));

        assertThat(step(b, new Event.FollowerReadRequested(1, 0, 0, 100)).settled())
                .isEmpty();

        receive(b, A, append().from(8).to(10).completeAt(10));
        step(b, new Event.ReplicatedAppended());
        assertThat(step(b, new Synced(10)).settled()).containsExactly(new Effects.Settled(1, null));
    }

    @Test
    void aRestartedCopyIsReadOnlyOnceItsHighWatermarkIsPastTheGapsOfMerging() {
        ReplicaOptions options = options().build();
        Replica b = new Replica(
                options,
                RecoveredCopy.builder()
                        .epochs(ONE_EPOCH)
                        .logEnd(9)
                        .highWatermark(3)
                        .completeAt(7)
                        .build());
        see(b, LED_BY_A, 7);
        assertThat(step(b, new Event.FollowerReadRequested(1, 0, 0, 1000)).settled())
                .isEmpty();

        receive(b, A, opened(2).divergencePoint(9).epochs(ONE_EPOCH));
        assertThat(receive(b, A, heartbeat(2).logEnd(9).highWatermark(6)).settled())
                .isEmpty();
        assertThat(b.highWatermark()).isEqualTo(3);

        assertThat(receive(b, A, heartbeat(2).logEnd(9).highWatermark(9)).settled())
                .containsExactly(new Effects.Settled(1, null));
    }

    @Test
    void aReadThatDoesNotWaitIsRefusedAtOnce() {
        Replica b = streaming();
        receive(b, A, append().from(5).to(8).completeAt(10));
        step(b, new Event.ReplicatedAppended());
        step(b, new Synced(8));

        assertThat(step(b, new Event.FollowerReadRequested(1, 0, 0, 0)).settled())
                .containsExactly(new Effects.Settled(1, Refusal.BEHIND_CONTEXT));
    }

    @Test
    void aLeaderWithALeaseRefusesWhatItDoesNotKnow() {
        Replica b = servingAlone();
        assertThat(b.highWatermark()).isEqualTo(6);

        assertThat(step(b, new Event.FollowerReadRequested(1, 3, 7, 100)).settled())
                .containsExactly(new Effects.Settled(1, Refusal.CONTEXT_LOST));
        assertThat(step(b, new Event.FollowerReadRequested(2, 4, 6, 100)).settled())
                .containsExactly(new Effects.Settled(2, Refusal.CONTEXT_LOST));
        assertThat(step(b, new Event.FollowerReadRequested(3, 3, 6, 100)).settled())
                .containsExactly(new Effects.Settled(3, null));
        assertThat(step(b, new Event.FollowerReadRequested(4, 1, 5, 100)).settled())
                .containsExactly(new Effects.Settled(4, null));
    }

    /// Another may lead, and have committed it.
    @Test
    void aLeaderWithoutALeaseWaitsForWhatItDoesNotKnowAndShowsWhatItKnows() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C);
        receive(b, C, ack(3).upTo(6));
        now += 1000;
        assertThat(b.hasLease(at())).isFalse();

        assertThat(step(b, new Event.FollowerReadRequested(1, 3, 7, 100)).settled())
                .isEmpty();
        assertThat(step(b, new Event.FollowerReadRequested(2, 3, 6, 100)).settled())
                .containsExactly(new Effects.Settled(2, null));
        now += 100;
        assertThat(step(b, new Event.Ticked()).settled())
                .containsExactly(new Effects.Settled(1, Refusal.BEHIND_CONTEXT));
    }

    @Test
    void aDamagedFollowerShowsNothing() {
        Replica b = streaming();
        step(b, new Event.FollowerReadRequested(1, 2, 9, 100));

        assertThat(step(b, new Event.CopyDamaged("a checksum is wrong")).settled())
                .containsExactly(new Effects.Settled(1, Refusal.COPY_FENCED));
        assertThat(b.role()).isEqualTo(new Role.Follower());
    }

    @Test
    void aDamagedLeaderThatHasNoSuccessorServesOn() {
        Replica b = servingAlone();
        step(b, new Event.CopyDamaged("a checksum is wrong"));

        assertThat(b.role()).isEqualTo(new Role.Leader(3));
        assertThat(step(b, new Event.FollowerReadRequested(1, 3, 6, 100)).settled())
                .containsExactly(new Effects.Settled(1, null));
    }

    @Test
    void aFencedCopyShowsNothing() {
        Replica b = streaming();
        step(b, new Event.FollowerReadRequested(1, 2, 9, 100));

        assertThat(step(b, new Event.DiskFailed("EIO")).settled())
                .containsExactly(new Effects.Settled(1, Refusal.COPY_FENCED));
    }
}
