package io.caskade.server.listener.redis.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// Bits are counted and found as if one looked at each.
class BitsTest {

    private static final int MAX_BYTES = 40;

    private final Random random = new Random(7);

    /// Long runs of the same bits, so that whole words are passed over.
    private byte[] value() {
        byte[] value = new byte[1 + random.nextInt(MAX_BYTES)];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt() : i / 16 % 2 == 0 ? 0 : -1);
        }
        return value;
    }

    @Test
    void aBitIsSetAlone() {
        byte[] value = new byte[2];

        Bits.set(value, 0, true);
        Bits.set(value, 9, true);
        assertThat(value).containsExactly(0x80, 0x40);
        assertThat(Bits.get(value, 9)).isTrue();
        assertThat(Bits.get(value, 10)).isFalse();
        assertThat(Bits.get(value, 16)).isFalse();

        Bits.set(value, 0, false);
        assertThat(value).containsExactly(0, 0x40);
    }

    @Test
    void eachRangeIsCountedAndSearched() {
        for (int i = 0; i < 5_000; i++) {
            byte[] value = value();
            long first = random.nextInt(8 * value.length);
            long last = first + random.nextInt((int) (8L * value.length - first));

            assertThat(Bits.count(value, first, last))
                    .isEqualTo(LongStream.rangeClosed(first, last)
                            .filter(bit -> Bits.get(value, bit))
                            .count());
            for (boolean wanted : new boolean[] {true, false}) {
                assertThat(Bits.find(value, wanted, first, last))
                        .isEqualTo(LongStream.rangeClosed(first, last)
                                .filter(bit -> Bits.get(value, bit) == wanted)
                                .findFirst()
                                .orElse(-1));
            }
        }
    }
}
