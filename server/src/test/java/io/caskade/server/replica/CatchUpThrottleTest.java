package io.caskade.server.replica;

import static io.caskade.server.replica.Messages.ack;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a leader sends to a copy that is not in sync is limited, and nothing else.
class CatchUpThrottleTest extends ReplicaFixture {

    private static final long RATE = 1_000;

    private final CatchUpThrottle throttle = new CatchUpThrottle(RATE);

    /// B leads alone, in epoch 3, its log ends at 8, and C's stream is open at 2.
    private Replica leaderWithFollowerBehind() {
        Replica b = new Replica(
                options().throttle(throttle).build(),
                RecoveredCopy.builder()
                        .epochs(ONE_EPOCH)
                        .logEnd(5)
                        .highWatermark(5)
                        .build());
        see(b, LED_BY_A, 7);
        lead(b, 3, Set.of(COPY_B), 8);
        writeUnsynced(b);
        now += 10_000;
        follow(b, C, COPY_C, 1, 2);
        return b;
    }

    private static Event.RecordsSent sentTo(String node, long to, long bytes) {
        return new Event.RecordsSent(node, 1, to, bytes);
    }

    @Test
    void aCopyThatIsBehindGetsNoMoreThanTheRate() {
        Replica b = leaderWithFollowerBehind();
        assertThat(receive(b, C, ack(3).upTo(2)).sendRecords())
                .as("there is credit")
                .hasSize(1);

        assertThat(step(b, sentTo("c", 3, 3 * RATE)).sendRecords())
                .as("credit is used up")
                .isEmpty();
        now += 2_700;
        assertThat(step(b, new Event.Ticked()).sendRecords()).isEmpty();
        now += 200;

        assertThat(step(b, new Event.Ticked()).sendRecords())
                .extracting(Effects.SendRecords::previousSequence)
                .containsExactly(3L);
    }

    @Test
    void heartbeatsAreSentMeanwhile() {
        Replica b = leaderWithFollowerBehind();
        throttle.pay(100 * RATE);
        receive(b, C, ack(3).upTo(2));

        assertThat(step(b, new Event.Ticked()).sends())
                .anyMatch(send -> send.to().equals("c") && send.message() instanceof Message.Heartbeat);
    }

    @Test
    void aCopyInSyncGetsAllAtOnceAndPaysNothing() {
        Replica b = leaderWithFollowerBehind();
        see(b, UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C)), 9);
        throttle.hasCredit(at());
        throttle.pay(RATE / 10);

        assertThat(receive(b, C, ack(3).upTo(2)).sendRecords()).hasSize(1);
        step(b, sentTo("c", 3, 100 * RATE));

        assertThat(throttle.hasCredit(at())).isTrue();
    }

    @Test
    void aCopyInSyncDoesNotWaitForCredit() {
        Replica b = leaderWithFollowerBehind();
        see(b, UNLED.withLeadership(B, 3, Set.of(COPY_B, COPY_C)), 9);
        throttle.hasCredit(at());
        throttle.pay(100 * RATE);

        assertThat(receive(b, C, ack(3).upTo(2)).sendRecords()).hasSize(1);
    }

    @Test
    void aCopyThatHasCaughtUpLatelyIsNotHeldUp() {
        Replica b = leaderWithFollowerBehind();
        receive(b, C, ack(3).upTo(2));
        step(b, sentTo("c", 8, 10));
        throttle.pay(100 * RATE);
        now += 100;
        receive(b, C, ack(3).upTo(8));
        step(b, new Event.Proposed(tombstone(2)));
        step(b, new Event.TurnEnded());

        Effects effects = step(b, new Event.Appended());

        assertThat(effects.sendRecords()).hasSize(1);
        now += TIMEOUTS.lag();
        assertThat(step(b, sentTo("c", 9, 0)).sendRecords())
                .as("its lag is not small any more")
                .isEmpty();
    }

    @Test
    void whatWasNotUsedIsNoCreditForLong() {
        assertThat(throttle.hasCredit(at())).isTrue();
        now += 60_000;
        assertThat(throttle.hasCredit(at())).isTrue();

        throttle.pay(RATE / 5);

        assertThat(throttle.hasCredit(at())).isFalse();
        now += 1;
        assertThat(throttle.hasCredit(at())).isTrue();
    }

    @Test
    void noRateIsNoLimit() {
        CatchUpThrottle unlimited = CatchUpThrottle.unlimited();
        unlimited.pay(Long.MAX_VALUE);

        assertThat(unlimited.hasCredit(at())).isTrue();
        assertThatIllegalArgumentException().isThrownBy(() -> new CatchUpThrottle(-1));
    }
}
