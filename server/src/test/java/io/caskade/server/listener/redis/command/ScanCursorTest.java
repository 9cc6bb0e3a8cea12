package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Cursors are numbers that a double keeps.
class ScanCursorTest {

    private static ScanCursor decode(String text, int partitions) {
        return ScanCursor.decode(text.getBytes(ISO_8859_1), partitions);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 1023, 1024})
    void theyStayBelowTwoToThe53rd(int partitions) {
        ScanCursor last = new ScanCursor(partitions - 1, -1);

        long number = ScanCursor.encode(last, partitions);

        assertThat(number).isPositive().isLessThan(1L << 53);
        assertThat((long) (double) number).isEqualTo(number);
        ScanCursor decoded = decode(Long.toString(number), partitions);
        assertThat(decoded.partition()).isEqualTo(partitions - 1);
        assertThat(ScanCursor.bucket(decoded.position(), partitions)).isEqualTo(ScanCursor.bucket(-1, partitions));
        assertThat(Long.compareUnsigned(decoded.position(), -1)).isNegative();
    }

    @Test
    void zeroIsTheStart() {
        assertThat(decode("0", 4)).isEqualTo(ScanCursor.START);
    }

    @Test
    void aNumberThatNoScanReturnedIsTheEnd() {
        assertThat(decode("18014398509481984", 3).partition()).isEqualTo(3);
        assertThat(decode("18446744073709551615", 3).partition()).isEqualTo(3);
    }

    /// As `strtoul` does, with which Redis reads them.
    @Test
    void signsAndLeadingZerosAreRead() {
        assertThat(decode("-1", 3).partition()).isEqualTo(3);
        assertThat(decode("+5", 3)).isEqualTo(decode("5", 3)).isEqualTo(decode("0".repeat(30) + 5, 3));
        assertThat(decode("", 3)).isEqualTo(decode("-0", 3)).isEqualTo(ScanCursor.START);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-", "a", "--1", "1a", " 1", "18446744073709551616", "-99999999999999999999"})
    void whatIsNoNumberIsRefused(String text) {
        assertThatThrownBy(() -> decode(text, 4)).hasMessage("ERR invalid cursor");
    }
}
