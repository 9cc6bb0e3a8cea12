package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.settings.HostPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListenerExposureTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "::1"})
    void aPortOnLoopbackIsNotWarnedOf(String host) throws UnknownHostException {
        assertThat(warning(host)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1", "2001:db8::1"})
    void aPortThatOtherMachinesReachIsWarnedOfByItsSetting(String host) throws UnknownHostException {
        assertThat(warning(host))
                .hasValueSatisfying(text -> assertThat(text)
                        .startsWith("listeners.grpc.bind " + new HostPort(host, 6669) + " ")
                        .contains("has no authentication"));
    }

    private static Optional<String> warning(String host) throws UnknownHostException {
        return ListenerExposure.warning("listeners.grpc.bind", new HostPort(host, 6669), InetAddress.getByName(host));
    }
}
