package io.caskade.server.cluster;

import java.security.MessageDigest;
import java.util.Arrays;

/// The secret that the cluster's nodes share and its clients must not know. Printing it shows nothing.
public final class ClusterSecret {

    /// The size of the seed.
    public static final int SEED_BYTES = 32;

    private final byte[] keydirSeed;

    /// @param keydirSeed 32 random bytes that key the keydir's hash; copied
    public ClusterSecret(byte[] keydirSeed) {
        Preconditions.check(keydirSeed.length == SEED_BYTES, "the keydir seed must have 32 bytes", keydirSeed.length);
        this.keydirSeed = keydirSeed.clone();
    }

    /// A copy of the 32 bytes that key the keydir's hash, so that scan cursors mean the same on every node.
    public byte[] keydirSeed() {
        return keydirSeed.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClusterSecret secret && MessageDigest.isEqual(keydirSeed, secret.keydirSeed);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(keydirSeed);
    }

    @Override
    public String toString() {
        return "ClusterSecret[…]";
    }
}
