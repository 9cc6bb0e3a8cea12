package io.caskade.server.simulator;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/// Prints a digest of all that happens in the run of a seed: the same in every process, or something goes by
/// what differs between them, such as the order of a set's elements or an object's identity.
public final class SeedDigest {

    private SeedDigest() {}

    /// Prints the digest of the seed that is the only argument.
    public static void main(String... arguments) {
        System.out.println(of(Long.parseLong(arguments[0])));
    }

    static String of(long seed) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            Trial _ = Trial.of(seed, Set.of(), line -> digest.update(line.getBytes(StandardCharsets.UTF_8)));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
