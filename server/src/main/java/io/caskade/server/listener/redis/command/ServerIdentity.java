package io.caskade.server.listener.redis.command;

import io.caskade.server.cluster.ClusterImage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;

/// What a listener says of its node.
///
/// @param node its id
/// @param incarnation its incarnation
/// @param version its release
/// @param image the newest image of the cluster, once there is one
/// @param membership whether it is a part of the cluster
/// @param syncs whether a write is synced on all in-sync copies before it is acknowledged
public record ServerIdentity(
        String node,
        String incarnation,
        String version,
        Supplier<Optional<ClusterImage>> image,
        Membership membership,
        boolean syncs) {

    /// The release of Redis whose commands and replies these are; clients decide by it what they use.
    public static final String REDIS_VERSION = "7.2.4";

    /// Forty digits that are new with every start, as Redis's `run_id`.
    String runId() {
        return digits(incarnation);
    }

    /// Forty digits that are a node's for ever, as in `CLUSTER MYID`.
    ///
    /// @param node its id
    static String nodeId(String node) {
        return digits("node " + node);
    }

    /// Forty digits that are a node's for ever, as in `CLUSTER MYSHARDID`.
    ///
    /// @param node its id
    static String shardId(String node) {
        return digits("shard " + node);
    }

    private static String digits(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
