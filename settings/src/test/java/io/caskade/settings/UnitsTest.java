package io.caskade.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

    @ParameterizedTest
    @CsvSource({"0B, 0", "512B, 512", "16KiB, 16384", "64MiB, 67108864", "1GiB, 1073741824", "2TiB, 2199023255552"})
    void aSizeIsReadAndWrittenWithItsUnit(String text, long bytes) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
        assertThat(new ByteSize(bytes)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "64", "MiB", "64mib", "64 MiB", "-1B", "1.5MiB", "64MB", "999999999999999999TiB"})
    void anInvalidSizeIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> ByteSize.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"0s, 0", "500ms, 500", "5s, 5000", "2m, 120000", "1h, 3600000", "90s, 90000"})
    void aDurationIsReadAndWrittenWithItsUnit(String text, long millis) {
        assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
        assertThat(Durations.format(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "5S", "5 s", "-5s", "1d", "PT5S", "999999999999999999h"})
    void anInvalidDurationIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Durations.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "zk-1.example_x:65535", "[::1]:2181", "[fe80::1%eth0]:1"})
    void endpointsRoundTrip(String text) {
        assertThat(HostPort.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "localhost", ":1", "a:", "a:65536", "a:-1", "a b:1", "::1:1", "[a]:1", "[::1]", "a/b:1"})
    void anInvalidEndpointIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> HostPort.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:1", "127.0.0.1:1", "127.8.9.10:1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1"})
    void loopbackAddressesAreKnown(String text) {
        assertThat(HostPort.parse(text).isLoopback()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1:1", "127.example:1", "[::2]:1", "[1::1]:1", "0.0.0.0:1"})
    void otherAddressesAreNotLoopback(String text) {
        assertThat(HostPort.parse(text).isLoopback()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:1", "[::]:1", "[0:0:0:0:0:0:0:0]:1"})
    void wildcardAddressesAreKnown(String text) {
        assertThat(HostPort.parse(text).isWildcard()).isTrue();
    }

    @Test
    void severalEndpointsKeepTheirOrder() {
        assertThat(HostPorts.parse("b:2, a:1")).hasToString("b:2,a:1");
    }
}
