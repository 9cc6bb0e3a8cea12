package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static io.caskade.server.replica.Messages.open;
import static io.caskade.server.replica.Messages.opened;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/// How far tombstones are retained for copies that lag or rebuild.
class PurgeHorizonTest extends ReplicaFixture {

    @Test
    void aCopyThatLacksTombstonesIsToldToRebuild() {
        Replica b = servingAlone();
        now += 10_000;
        for (int i = 0; i < 60; i++) {
            write(b, i);
        }
        now += 1_000;
        step(b, new Event.Ticked());

        Effects opened = receive(b, C, open(3, COPY_C).epochs(ONE_EPOCH).logEnd(3));

        assertThat(b.localPurgeHorizon()).isGreaterThan(3);
        assertThat(opened.sends())
                .anyMatch(send -> send.message() instanceof Message.StreamOpened answer && answer.rebuild());
    }

    /// All copies write each new one down.
    @Test
    void thePurgeHorizonIsRaisedOnlyFromTimeToTime() {
        Replica b = servingAlone();
        now += 10_000;
        for (int i = 0; i < 30; i++) {
            write(b, i);
        }
        now += 1_000;
        assertThat(step(b, new Event.Ticked()).bounds()).isPresent();
        for (int i = 30; i < 60; i++) {
            write(b, i);
        }
        assertThat(step(b, new Event.Ticked()).bounds()).isEmpty();
        now += 1_000;
        assertThat(step(b, new Event.Ticked()).bounds()).isPresent();
    }

    @Test
    void tombstonesAreRetainedForACopyThatRebuilds() {
        ReplicaOptions options = options().build();
        Replica b = new Replica(
                options,
                RecoveredCopy.builder()
                        .epochs(ONE_EPOCH)
                        .logEnd(5)
                        .highWatermark(5)
                        .purgeHorizon(4)
                        .build());
        see(b, LED_BY_A, 7);
        lead(b, 3, Set.of(COPY_B), 8);
        assertThat(b.localPurgeHorizon()).isEqualTo(4);

        follow(b, C, COPY_C, 1, 0);
        receive(b, C, ack(3).received(2).acknowledged(0));

        assertThat(b.localPurgeHorizon()).isEqualTo(2);
    }
}
