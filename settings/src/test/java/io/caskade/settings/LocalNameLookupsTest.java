package io.caskade.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolver.LookupPolicy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalNameLookupsTest {

    private static final LookupPolicy ANY = LookupPolicy.of(LookupPolicy.IPV4 | LookupPolicy.IPV6);
    private static final String OWN_NAME = "this-machine";

    private final CountDownLatch answered = new CountDownLatch(1);

    @AfterEach
    void letTheNameServiceAnswer() {
        answered.countDown();
    }

    @Test
    void theNameOfAnAddressIsNotLookedUp() {
        InetAddressResolver lookups = lookups(new SilentService(), Duration.ofSeconds(30));

        assertThatThrownBy(() -> lookups.lookupByAddress(new byte[] {127, 0, 0, 1}))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void thisMachinesNameIsGivenUpWhenTheServiceIsSilent() {
        InetAddressResolver lookups = lookups(new SilentService(), Duration.ofMillis(20));

        assertThatThrownBy(() -> lookups.lookupByName(OWN_NAME, ANY))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("this-machine: no answer within 20 ms");
        assertThatThrownBy(() -> lookups.lookupByName(OWN_NAME, ANY))
                .hasMessage("this-machine: an earlier lookup has no answer yet");
    }

    @Test
    void everyNameThatTheServiceKnowsIsFound() throws Exception {
        answered.countDown();
        InetAddressResolver lookups = lookups(new SilentService(), Duration.ofSeconds(30));

        assertThat(lookups.lookupByName(OWN_NAME, ANY)).containsExactly(InetAddress.ofLiteral("192.0.2.1"));
        assertThat(lookups.lookupByName("another", ANY)).containsExactly(InetAddress.ofLiteral("192.0.2.1"));
    }

    private static InetAddressResolver lookups(InetAddressResolver service, Duration limit) {
        return LocalNameLookups.resolver(service, () -> OWN_NAME, limit);
    }

    /// A name service that answers when the test lets it.
    private final class SilentService implements InetAddressResolver {

        @Override
        public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
            awaitAnswer();
            return Stream.of(InetAddress.ofLiteral("192.0.2.1"));
        }

        @Override
        public String lookupByAddress(byte[] address) throws UnknownHostException {
            awaitAnswer();
            return "named";
        }

        private void awaitAnswer() throws UnknownHostException {
            try {
                answered.await();
            } catch (InterruptedException e) {
                throw new UnknownHostException(e.getMessage());
            }
        }
    }
}
