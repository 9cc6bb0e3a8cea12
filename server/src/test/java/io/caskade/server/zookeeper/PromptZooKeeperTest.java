package io.caskade.server.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.client.HostProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PromptZooKeeperTest {

    /// A closing that waited for the lookup would never end.
    @Test
    @Timeout(30)
    void closingDoesNotWaitForALookupInProgress() throws Exception {
        SilentHosts hosts = new SilentHosts();
        PromptZooKeeper client = new PromptZooKeeper("zk:2181", 6000, _ -> {}, false, hosts);
        hosts.asked.await();

        client.close();

        hosts.answered.countDown();
    }

    /// The name service would call it `localhost`, and be asked for that at every attempt.
    @Test
    void aNumericAddressIsUsedAsItIs() {
        InetSocketAddress server = PromptZooKeeper.hosts("127.0.0.1:2181").next(0);

        assertThat(server.getAddress()).isEqualTo(InetAddress.ofLiteral("127.0.0.1"));
        assertThat(server.getHostName()).isEqualTo("127.0.0.1");
    }

    @Test
    void anUnknownHostIsTriedUnresolved() {
        assertThat(PromptZooKeeper.hosts("no-such-host.invalid:2181").next(0).isUnresolved())
                .isTrue();
    }

    @Test
    void aLastingConditionIsLoggedAtOnceAndThenRarely() {
        long[] now = {0};
        RareLog log = new RareLog(() -> now[0]);

        assertThat(log.isDue("zk1")).isTrue();
        assertThat(log.isDue("zk1")).isFalse();
        assertThat(log.isDue("zk2")).isTrue();
        now[0] += Duration.ofMinutes(10).toNanos();
        assertThat(log.isDue("zk1")).isTrue();
        assertThat(log.isDue("zk1")).isFalse();

        log.reset();
        assertThat(log.isDue("zk1")).isTrue();
    }

    /// Hosts whose name service does not answer.
    private static final class SilentHosts implements HostProvider {

        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch answered = new CountDownLatch(1);

        @Override
        public int size() {
            return 1;
        }

        @Override
        public InetSocketAddress next(long spinDelay) {
            asked.countDown();
            // As the JDK's lookups, it cannot be interrupted.
            boolean done = false;
            while (!done) {
                try {
                    answered.await();
                    done = true;
                } catch (InterruptedException e) {
                    done = answered.getCount() == 0;
                }
            }
            return InetSocketAddress.createUnresolved("zk", 2181);
        }

        @Override
        public void onConnected() {}

        @Override
        public boolean updateServerList(Collection<InetSocketAddress> servers, InetSocketAddress current) {
            return false;
        }
    }
}
