package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// When a leader may answer reads.
class LeaseTest extends ReplicaFixture {

    @Test
    void readsWaitForLeaseGrantsOfAllThatMayBeInSync() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C);
        receive(b, C, ack(3).upTo(6));
        now += 999;
        assertThat(b.hasLease(at())).isTrue();

        now += 1;

        assertThat(step(b, new Event.ReadBarrierRequested(9, 0, 0)).settled()).isEmpty();
        assertThat(grantLease(b, C, COPY_C).settled()).containsExactly(new Effects.Settled(9, null));
    }

    @Test
    void readsAreRefusedWhenTheLeaseDoesNotComeBackInTime() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C);
        receive(b, C, ack(3).upTo(6));
        now += 1000;
        assertThat(step(b, new Event.ReadBarrierRequested(9, 0, 0)).settled()).isEmpty();
        now += 999;
        assertThat(step(b, new Event.Ticked()).settled()).isEmpty();

        now += 1001;

        assertThat(step(b, new Event.Ticked()).settled())
                .containsExactly(new Effects.Settled(9, Refusal.NOT_ENOUGH_REPLICAS));
    }

    @Test
    void readsWaitForACopyWhoseJoinHasAnUnknownOutcome() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C);
        receive(b, C, ack(3).upTo(6));
        step(b, new Event.CasUnknown());

        now += 1000;

        assertThat(b.hasLease(at())).isFalse();
    }

    @Test
    void aLeaseEndsBeforeTheGrantThatItRestsOn() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C, 600);
        receive(b, C, ack(3).upTo(6));
        now += 499;
        assertThat(b.hasLease(at())).isTrue();

        now += 1;

        assertThat(b.hasLease(at())).isFalse();
    }

    @Test
    void aLongerGrantMakesNoLeaseLonger() {
        Replica b = servingAlone();
        follow(b, C, COPY_C, 1, 6);
        grantLease(b, C, COPY_C, 60_000);
        receive(b, C, ack(3).upTo(6));

        now += 1000;

        assertThat(b.hasLease(at())).isFalse();
    }
}
