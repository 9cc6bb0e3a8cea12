package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// A payload is the same for ever, and shows when it is damaged.
class DumpPayloadTest {

    private static final byte[] VALUE = "value".getBytes(ISO_8859_1);

    @Test
    void itsFormatStays() {
        assertThat(HexFormat.of().formatHex(DumpPayload.of(VALUE)))
                .isEqualTo("434b4450" + "01" + "00" + "0000" + "05000000" + "434dc6eb" + "76616c7565");
    }

    @Test
    void theValueIsReadBack() {
        assertThat(DumpPayload.value(DumpPayload.of(VALUE))).isEqualTo(VALUE);
        assertThat(DumpPayload.value(DumpPayload.of(new byte[0]))).isEmpty();
    }

    @Test
    void eachDamagedBitIsSeen() {
        for (int bit = 0; bit < 8 * DumpPayload.of(VALUE).length; bit++) {
            byte[] payload = DumpPayload.of(VALUE);
            payload[bit / 8] ^= (byte) (1 << bit % 8);

            assertThat(DumpPayload.value(payload)).as("bit %s", bit).isNull();
        }
    }

    @Test
    void aPayloadOfAnotherLengthIsRefused() {
        byte[] payload = DumpPayload.of(VALUE);

        for (int length = 0; length < payload.length; length++) {
            assertThat(DumpPayload.value(Arrays.copyOf(payload, length))).isNull();
        }
        assertThat(DumpPayload.value(Arrays.copyOf(payload, payload.length + 1)))
                .isNull();
    }
}
