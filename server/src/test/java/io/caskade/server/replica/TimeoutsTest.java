package io.caskade.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// How leases and their grants relate.
class TimeoutsTest {

    /// As fast as chrony slews a clock by default.
    private static final double SLEW = 1.0 / 12;

    @Test
    void aGrantOutlivesItsLeaseByAFifthHoweverLongTheGrace() {
        assertThat(new Timeouts(350, 500, 150, 5000, 3000).grant()).isEqualTo(420);
        assertThat(new Timeouts(350, 60_000, 150, 5000, 3000).grant()).isEqualTo(420);
    }

    @Test
    void aGrantEndsWithTheGraceIfThatIsShorter() {
        assertThat(new Timeouts(350, 385, 150, 5000, 3000).grant()).isEqualTo(385);
    }

    /// Of whole milliseconds, a millisecond may have passed already; the follower adds it.
    @Test
    void aLeaseHasEndedWhenItsGrantEndsThoughBothClocksAreSlewedApart() {
        for (long lease : new long[] {50, 59, 99, 350, 400, 60_000}) {
            Timeouts leader = new Timeouts(lease, 2 * lease, 150, 5000, 3000);
            for (long granted : new long[] {leader.grant(), 10 * lease, 60, 300}) {
                double slowLeader = leader.leaseFrom(granted) / (1 - SLEW);
                double fastFollower = granted / (1 + SLEW);

                assertThat(slowLeader).as("%d ms of %d ms", granted, lease).isLessThanOrEqualTo(fastFollower);
            }
        }
    }
}
