package io.caskade.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.replica.Message;
import io.caskade.server.transport.SendQueue.Envelope;
import io.caskade.server.transport.SendQueue.OverflowPolicy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SendQueueTest {

    private static final long LETTER = letter(0).bytes();

    @Test
    void envelopesAreTakenInOrder() {
        SendQueue queue = new SendQueue(10 * LETTER, OverflowPolicy.DROP_NEWEST);
        put(queue, 0, 3);

        assertThat(epochs(queue.take(Long.MAX_VALUE))).containsExactly(0, 1, 2);
        assertThat(queue.bytes()).isZero();
    }

    @Test
    void takeReturnsAsManyEnvelopesAsFit() {
        SendQueue queue = new SendQueue(10 * LETTER, OverflowPolicy.DROP_NEWEST);
        put(queue, 0, 3);

        assertThat(epochs(queue.take(2 * LETTER))).containsExactly(0, 1);
        assertThat(epochs(queue.take(2 * LETTER))).containsExactly(2);
    }

    @Test
    void takeReturnsOneEnvelopeEvenIfItDoesNotFit() {
        SendQueue queue = new SendQueue(10 * LETTER, OverflowPolicy.DROP_NEWEST);
        put(queue, 0, 2);

        assertThat(epochs(queue.take(1))).containsExactly(0);
    }

    @Test
    void aFullQueueDropsTheNewest() {
        SendQueue queue = new SendQueue(2 * LETTER, OverflowPolicy.DROP_NEWEST);
        put(queue, 0, 5);

        assertThat(queue.bytes()).isEqualTo(2 * LETTER);
        assertThat(epochs(queue.take(Long.MAX_VALUE))).containsExactly(0, 1);
    }

    @Test
    void aFullQueueDropsTheOldest() {
        SendQueue queue = new SendQueue(2 * LETTER, OverflowPolicy.DROP_OLDEST);
        put(queue, 0, 5);

        assertThat(queue.bytes()).isEqualTo(2 * LETTER);
        assertThat(epochs(queue.take(Long.MAX_VALUE))).containsExactly(3, 4);
    }

    @Test
    void anEnvelopeLargerThanTheBoundIsTakenAlone() {
        SendQueue queue = new SendQueue(10, OverflowPolicy.DROP_NEWEST);
        put(queue, 0, 2);

        assertThat(epochs(queue.take(Long.MAX_VALUE))).containsExactly(0);
    }

    @Test
    void anAppendCountsWithItsBatches() {
        assertThat(new Envelope(0, MessageCodecTest.chunk(new byte[5000])).bytes())
                .isGreaterThan(5000);
    }

    @Test
    void aTakerThatFoundNothingIsWokenOnce() {
        SendQueue queue = new SendQueue(10 * LETTER, OverflowPolicy.DROP_NEWEST);

        assertThat(queue.put(letter(0))).isTrue();
        assertThat(queue.put(letter(1))).isFalse();
        queue.take(Long.MAX_VALUE);
        assertThat(queue.put(letter(2)))
                .as("letters may still be being written")
                .isFalse();
        queue.take(Long.MAX_VALUE);
        assertThat(queue.take(Long.MAX_VALUE)).isEmpty();
        assertThat(queue.put(letter(3))).isTrue();
    }

    private static void put(SendQueue queue, int from, int to) {
        for (int epoch = from; epoch < to; epoch++) {
            queue.put(letter(epoch));
        }
    }

    private static Envelope letter(int epoch) {
        return new Envelope(0, new Message.StaleEpoch(epoch));
    }

    private static List<Integer> epochs(List<Envelope> envelopes) {
        List<Integer> epochs = new ArrayList<>();
        envelopes.forEach(envelope -> epochs.add(envelope.message().epoch()));
        return epochs;
    }
}
