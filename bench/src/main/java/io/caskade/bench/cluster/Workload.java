package io.caskade.bench.cluster;

import io.caskade.bench.data.KeyValues;
import io.caskade.bench.load.OperationSource;
import io.caskade.client.AsyncCaskadeClient;
import java.util.Locale;

/// What the operations of a load do.
enum Workload {
    /// Writes values, without a condition.
    PUT,
    /// Reads keys that are there, linearizably.
    GET,
    /// Half of each.
    MIX;

    /// As results name it.
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Its operations on keys that are drawn uniformly.
    ///
    /// @param keys how many there are
    /// @param seed of which keys are drawn
    OperationSource on(AsyncCaskadeClient client, KeyValues records, long keys, long seed) {
        return number -> {
            long drawn = KeyValues.mix(KeyValues.mix(seed) + number);
            long record = Math.floorMod(drawn, keys);
            boolean writes = switch (this) {
                case PUT -> true;
                case GET -> false;
                case MIX -> drawn < 0;
            };
            return writes
                    ? client.put(records.key(record), records.value(record, number))
                    : client.get(records.key(record));
        };
    }
}
