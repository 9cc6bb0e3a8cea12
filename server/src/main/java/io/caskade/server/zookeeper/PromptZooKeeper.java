package io.caskade.server.zookeeper;

import io.caskade.settings.HostAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.HostProvider;
import org.apache.zookeeper.client.StaticHostProvider;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.proto.RequestHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A ZooKeeper client that neither needs nor waits for a name service: numeric addresses are used as they are,
/// and closing does not wait for a lookup in progress, as ZooKeeper's own client does.
final class PromptZooKeeper extends ZooKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(PromptZooKeeper.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    PromptZooKeeper(
            String connect, int sessionTimeoutMillis, Watcher watcher, boolean mayBeReadOnly, HostProvider hosts)
            throws IOException {
        super(connect, sessionTimeoutMillis, watcher, mayBeReadOnly, hosts, config());
    }

    private PromptZooKeeper(String connect, int sessionTimeoutMillis, Watcher watcher, long session, byte[] password)
            throws IOException {
        super(connect, sessionTimeoutMillis, watcher, session, password, false, hosts(connect), config());
    }

    /// Makes Curator create such clients.
    static ZookeeperFactory factory() {
        return (connect, sessionTimeoutMillis, watcher, mayBeReadOnly) ->
                new PromptZooKeeper(connect, sessionTimeoutMillis, watcher, mayBeReadOnly, hosts(connect));
    }

    /// Continues a session.
    static ZooKeeper resume(String connect, Duration sessionTimeout, Watcher watcher, long session, byte[] password)
            throws IOException {
        return new PromptZooKeeper(connect, Math.toIntExact(sessionTimeout.toMillis()), watcher, session, password);
    }

    /// The servers, each resolved before it is tried.
    static HostProvider hosts(String connect) {
        RareLog unknown = new RareLog();
        return new StaticHostProvider(
                new ConnectStringParser(connect).getServerAddresses(), host -> addresses(host, unknown));
    }

    /// None for an unknown host: the provider would log each attempt with its stack trace.
    private static InetAddress[] addresses(String host, RareLog unknown) {
        try {
            return HostAddresses.of(host);
        } catch (UnknownHostException e) {
            if (unknown.isDue(host)) {
                LOG.warn("zookeeper.connect: {}: no such host; trying again", host);
            }
            return new InetAddress[0];
        }
    }

    /// Without SASL, which would have each address translated into a name and back.
    private static ZKClientConfig config() {
        ZKClientConfig config = new ZKClientConfig();
        config.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        return config;
    }

    @Override
    public synchronized void close() {
        if (!getState().isAlive()) {
            return;
        }
        try {
            if (getState().isConnected()) {
                RequestHeader header = new RequestHeader();
                header.setType(ZooDefs.OpCode.closeSession);
                cnxn.submitRequest(header, null, null, null);
            }
            Thread disconnecting =
                    Thread.ofPlatform().daemon().name("zookeeper-close").start(cnxn::disconnect);
            disconnecting.join(CLOSE_TIMEOUT);
        } catch (InterruptedException e) {
            // The session ends when it times out.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean close(int waitForShutdownMillis) {
        close();
        return true;
    }
}
