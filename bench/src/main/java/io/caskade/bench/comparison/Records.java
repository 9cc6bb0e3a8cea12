package io.caskade.bench.comparison;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// The keys and values of a comparison: keys as `redis-benchmark -r` names them. Immutable.
///
/// @param keys how many
/// @param valueBytes how long each value is
public record Records(int keys, int valueBytes) {

    /// All keys, in order.
    List<byte[]> all() {
        return IntStream.range(0, keys).mapToObj(Records::key).toList();
    }

    private static byte[] key(int number) {
        return String.format(Locale.ROOT, "key:%012d", number).getBytes(StandardCharsets.US_ASCII);
    }
}
