package io.caskade.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/// That the program has [io.caskade.settings.LocalNameLookups] registered.
class NameLookupsTest {

    /// The name service calls it `localhost`.
    @Test
    void theNameOfAnAddressIsNotLookedUp() throws Exception {
        InetAddress address = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});

        assertThat(address.getHostName()).isEqualTo("127.0.0.1");
    }
}
