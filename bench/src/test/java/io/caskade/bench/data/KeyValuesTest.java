package io.caskade.bench.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

class KeyValuesTest {

    private final KeyValues records = new KeyValues(16, 100, 7);

    @Test
    void everyNumberHasItsOwnKey() {
        long keys = IntStream.range(0, 100_000)
                .mapToObj(number -> HexFormat.of().formatHex(records.key(number)))
                .distinct()
                .count();

        assertThat(keys).isEqualTo(100_000);
    }

    @Test
    void theSameSeedGivesTheSameRecords() {
        KeyValues again = new KeyValues(16, 100, 7);

        assertThat(again.key(5)).isEqualTo(records.key(5)).hasSize(16);
        assertThat(again.value(5, 2)).isEqualTo(records.value(5, 2)).hasSize(100);
        assertThat(records.value(5, 3)).isNotEqualTo(records.value(5, 2));
        assertThat(new KeyValues(16, 100, 8).key(5)).isNotEqualTo(records.key(5));
    }

    @Test
    void valuesDoNotCompress() {
        byte[] values = new byte[100 * 100];
        for (int number = 0; number < 100; number++) {
            System.arraycopy(records.value(number, 0), 0, values, 100 * number, 100);
        }
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
            deflater.setInput(values);
            deflater.finish();

            assertThat(deflater.deflate(new byte[2 * values.length])).isGreaterThanOrEqualTo(values.length);
        }
    }
}
