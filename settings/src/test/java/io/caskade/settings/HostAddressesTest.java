package io.caskade.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostAddressesTest {

    /// Without a name of its own, the name service would be asked for one: it calls the first `localhost`.
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "192.0.2.1", "::1", "2001:db8::1"})
    void anAddressIsItsOwnName(String host) throws Exception {
        assertThat(HostAddresses.of(host)).singleElement().satisfies(address -> {
            assertThat(address.getHostName()).isEqualTo(host);
            assertThat(address).isEqualTo(InetAddress.ofLiteral(host));
        });
    }

    @Test
    void aNameIsLookedUp() throws Exception {
        assertThat(HostAddresses.of("localhost")).isNotEmpty().allMatch(InetAddress::isLoopbackAddress);
    }
}
