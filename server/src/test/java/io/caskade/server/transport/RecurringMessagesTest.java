package io.caskade.server.transport;

import static io.caskade.server.transport.RecurringMessages.Urgency.NEVER;
import static io.caskade.server.transport.RecurringMessages.Urgency.NOW;
import static io.caskade.server.transport.RecurringMessages.Urgency.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Message;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RecurringMessagesTest {

    private static final Pacing PACING = new Pacing(50, 500);
    private static final CopyId COPY = new CopyId("node-2", "copy");

    private final RecurringMessages recurring = new RecurringMessages();
    private long millis;

    @Nested
    class Acknowledgements {

        @Test
        void oneThatSaysNothingNewIsRepeatedSeldom() {
            assertThat(urgencyOf(0, ack(7))).isEqualTo(NOW);

            assertThat(after(499, 0, ack(7))).isEqualTo(NEVER);
            assertThat(after(1, 0, ack(7))).isEqualTo(NOW);
            assertThat(after(499, 0, ack(7))).isEqualTo(NEVER);
        }

        @Test
        void oneWithNewsIsSentAtOnce() {
            urgencyOf(0, ack(7));

            assertThat(urgencyOf(0, ack(8))).isEqualTo(NOW);
            assertThat(urgencyOf(1, ack(8))).isEqualTo(NOW);
        }

        @Test
        void aNewStreamHearsEverythingAgain() {
            urgencyOf(0, ack(7));
            recurring.clear();

            assertThat(urgencyOf(0, ack(7))).isEqualTo(NOW);
        }
    }

    @Nested
    class LeaseGrants {

        @Test
        void theFirstOfAnEpochIsSentAtOnceAndTheOthersSoon() {
            assertThat(urgencyOf(0, grant(1))).isEqualTo(NOW);
            assertThat(after(50, 0, grant(1))).isEqualTo(SOON);
            assertThat(after(50, 0, grant(1))).isEqualTo(SOON);

            assertThat(after(50, 0, grant(2))).isEqualTo(NOW);
            assertThat(urgencyOf(1, grant(2))).isEqualTo(NOW);
        }

        @Test
        void oneThatComesLateIsSentAtOnce() {
            urgencyOf(0, grant(1));

            assertThat(after(101, 0, grant(1))).isEqualTo(NOW);
        }
    }

    @Test
    void withoutPacingEverythingIsSentAtOnce() {
        for (int i = 0; i < 2; i++) {
            assertThat(recurring.urgencyOf(0, ack(7), Pacing.NONE, 0)).isEqualTo(NOW);
            assertThat(recurring.urgencyOf(0, grant(1), Pacing.NONE, 0)).isEqualTo(NOW);
        }
    }

    private RecurringMessages.Urgency after(long later, int partition, Message message) {
        millis += later;
        return urgencyOf(partition, message);
    }

    private RecurringMessages.Urgency urgencyOf(int partition, Message message) {
        return recurring.urgencyOf(partition, message, PACING, TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private static Message ack(long end) {
        return new Message.AppendAck(1, 2, end, end);
    }

    private static Message grant(int epoch) {
        return new Message.LeaseGrant(epoch, COPY, new ClockReading(1, 1), 2000, true);
    }
}
