package io.caskade.bitcask.keydir;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// Hashes keys with a secret, so that an attacker who does not know it cannot choose keys that collide.
///
/// PolymurHash 2.0 has a proved bound on collisions of any two keys over the choice of its secret; two of
/// them with independent secrets give 128 bits. See [its description](https://github.com/orlp/polymur-hash).
/// Immutable.
public final class KeyHasher {

    /// The size of a secret.
    public static final int SECRET_BYTES = 32;

    private static final long TWEAK = 0;

    private final Hasher64 high;
    private final Hasher64 low;
    private final long fingerprint;

    /// A hasher for a secret of [#SECRET_BYTES] random bytes, the same for all copies of a cluster.
    public KeyHasher(byte[] secret) {
        if (secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException("a secret of " + secret.length + " bytes, not " + SECRET_BYTES);
        }
        ByteBuffer parts = ByteBuffer.wrap(secret);
        high = Hashing.polymurHash2_0(TWEAK, parts.getLong(), parts.getLong());
        low = Hashing.polymurHash2_0(TWEAK, parts.getLong(), parts.getLong());
        fingerprint = fingerprintOf(secret);
    }

    private static long fingerprintOf(byte[] secret) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("caskade key hashes".getBytes(StandardCharsets.US_ASCII));
            return ByteBuffer.wrap(digest.digest(secret)).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// Identifies the secret without revealing it: hashes of different secrets are incompatible.
    public long fingerprint() {
        return fingerprint;
    }

    /// The key's hash.
    public KeyHash hash(byte[] key) {
        return new KeyHash(high(key, key.length), low(key, key.length));
    }

    /// The upper half of the hash of the key that is in an array's first `length` bytes.
    public long high(byte[] key, int length) {
        return high.hashBytesToLong(key, 0, length);
    }

    /// The lower half of the hash of the key that is in an array's first `length` bytes.
    public long low(byte[] key, int length) {
        return low.hashBytesToLong(key, 0, length);
    }
}
