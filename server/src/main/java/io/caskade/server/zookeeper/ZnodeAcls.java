package io.caskade.server.zookeeper;

import io.caskade.server.config.ZooKeeperConfig;
import io.caskade.server.config.ZooKeeperCredentials;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/// The ACLs of the cluster's znodes.
///
/// Without credentials anyone may do anything. With credentials only their user may write, and read the secret;
/// anyone may read the rest, because clients need it to find leaders. Parents of the root stay open: they hold
/// no data, and other clusters may be there.
final class ZnodeAcls implements ACLProvider {

    private static final String DIGEST = "digest";
    private static final List<ACL> OWNER_ONLY_WRITES = Stream.of(
                    ZooDefs.Ids.CREATOR_ALL_ACL, ZooDefs.Ids.READ_ACL_UNSAFE)
            .flatMap(List::stream)
            .toList();

    private final ZnodePaths paths;
    private final String connect;
    private final Optional<ZooKeeperCredentials> credentials;

    /// @param config provides the root and the credentials
    ZnodeAcls(ZooKeeperConfig config, ZnodePaths paths, Optional<ZooKeeperCredentials> credentials) {
        this.paths = paths;
        this.connect = config.connect().toString();
        this.credentials = credentials;
    }

    /// Makes a client authenticate each session, and its recipes create protected znodes.
    CuratorFrameworkFactory.Builder protect(CuratorFrameworkFactory.Builder client) {
        credentials.ifPresent(given -> client.authorization(DIGEST, given.digest()));
        return client.aclProvider(this);
    }

    @Override
    public List<ACL> getDefaultAcl() {
        return credentials.isEmpty() ? ZooDefs.Ids.OPEN_ACL_UNSAFE : OWNER_ONLY_WRITES;
    }

    @Override
    public List<ACL> getAclForPath(@Nullable String path) {
        if (path == null || credentials.isEmpty()) {
            return getDefaultAcl();
        }
        if (paths.isAboveRoot(path)) {
            return ZooDefs.Ids.OPEN_ACL_UNSAFE;
        }
        return path.equals(paths.secret()) ? ZooDefs.Ids.CREATOR_ALL_ACL : OWNER_ONLY_WRITES;
    }

    /// The error message for an authentication failure.
    String accessDenied() {
        String at = "ZooKeeper at " + connect + " does not let this node change " + paths.root();
        return credentials
                .map(given -> "zookeeper.user and zookeeper.password-file: " + at + " as \"" + given.user()
                        + "\"; the user or the password is not the one the cluster was formed with")
                .orElse("zookeeper.user: " + at + " without a user; the cluster was formed with one, so set"
                        + " zookeeper.user and zookeeper.password-file as on the other nodes");
    }
}
