package io.caskade.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.replica.Message;
import io.caskade.server.transport.Outbox.Letter;
import io.caskade.server.transport.Outbox.WhenFull;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {

    private static final long LETTER = letter(0).bytes();

    @Test
    void lettersComeOutInTheOrderTheyWentIn() {
        Outbox outbox = new Outbox(10 * LETTER, WhenFull.LEAVE_OUT_THE_NEWEST);
        put(outbox, 0, 3);

        assertThat(epochs(outbox.take(Long.MAX_VALUE))).containsExactly(0, 1, 2);
        assertThat(outbox.bytes()).isZero();
    }

    @Test
    void soManyAreTakenAsFit() {
        Outbox outbox = new Outbox(10 * LETTER, WhenFull.LEAVE_OUT_THE_NEWEST);
        put(outbox, 0, 3);

        assertThat(epochs(outbox.take(2 * LETTER))).containsExactly(0, 1);
        assertThat(epochs(outbox.take(2 * LETTER))).containsExactly(2);
    }

    @Test
    void oneIsTakenThoughItDoesNotFit() {
        Outbox outbox = new Outbox(10 * LETTER, WhenFull.LEAVE_OUT_THE_NEWEST);
        put(outbox, 0, 2);

        assertThat(epochs(outbox.take(1))).containsExactly(0);
    }

    @Test
    void theNewestAreLeftOutWhenItIsFull() {
        Outbox outbox = new Outbox(2 * LETTER, WhenFull.LEAVE_OUT_THE_NEWEST);
        put(outbox, 0, 5);

        assertThat(outbox.bytes()).isEqualTo(2 * LETTER);
        assertThat(epochs(outbox.take(Long.MAX_VALUE))).containsExactly(0, 1);
    }

    @Test
    void theOldestAreLeftOutWhenItIsFull() {
        Outbox outbox = new Outbox(2 * LETTER, WhenFull.LEAVE_OUT_THE_OLDEST);
        put(outbox, 0, 5);

        assertThat(outbox.bytes()).isEqualTo(2 * LETTER);
        assertThat(epochs(outbox.take(Long.MAX_VALUE))).containsExactly(3, 4);
    }

    @Test
    void oneThatIsLargerThanAllThereMayBeGoesAlone() {
        Outbox outbox = new Outbox(10, WhenFull.LEAVE_OUT_THE_NEWEST);
        put(outbox, 0, 2);

        assertThat(epochs(outbox.take(Long.MAX_VALUE))).containsExactly(0);
    }

    @Test
    void aChunkCountsWithItsBatches() {
        assertThat(new Letter(0, TranslationTest.chunk(new byte[5000])).bytes()).isGreaterThan(5000);
    }

    @Test
    void whoFoundNothingIsWokenOnce() {
        Outbox outbox = new Outbox(10 * LETTER, WhenFull.LEAVE_OUT_THE_NEWEST);

        assertThat(outbox.put(letter(0))).isTrue();
        assertThat(outbox.put(letter(1))).isFalse();
        outbox.take(Long.MAX_VALUE);
        assertThat(outbox.put(letter(2)))
                .as("letters may still be being written")
                .isFalse();
        outbox.take(Long.MAX_VALUE);
        assertThat(outbox.take(Long.MAX_VALUE)).isEmpty();
        assertThat(outbox.put(letter(3))).isTrue();
    }

    private static void put(Outbox outbox, int from, int to) {
        for (int epoch = from; epoch < to; epoch++) {
            outbox.put(letter(epoch));
        }
    }

    private static Letter letter(int epoch) {
        return new Letter(0, new Message.Superseded(epoch));
    }

    private static List<Integer> epochs(List<Letter> letters) {
        List<Integer> epochs = new ArrayList<>();
        letters.forEach(letter -> epochs.add(letter.message().epoch()));
        return epochs;
    }
}
