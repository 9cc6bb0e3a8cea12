package io.caskade.server.replica;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.EpochHistory.Start;

/// Finds where two logs diverge, from their histories of epochs.
///
/// One process writes all records of an epoch, so two logs with records of the same epoch agree on them as far
/// as both go. This is Kafka's
/// [KIP-101](https://cwiki.apache.org/confluence/display/KAFKA/KIP-101+-+Alter+Replication+Protocol+to+use+Leader+Epoch+rather+than+High%20Watermark+for+Truncation)
/// with the whole history at once, for which
/// [KIP-279](https://cwiki.apache.org/confluence/display/KAFKA/KIP-279%3A+Fix+log+divergence+between+leader+and+follower+after+fast+leader+fail+over)
/// needs several rounds.
final class LogDivergence {

    private LogDivergence() {}

    /// The last sequence up to which both logs are the same, 0 when they share nothing.
    static long of(EpochHistory one, long oneEnd, EpochHistory other, long otherEnd) {
        for (Start start : other.starts().reversed()) {
            if (one.starts().contains(start)) {
                return Math.min(lastOf(one, oneEnd, start), lastOf(other, otherEnd, start));
            }
        }
        return 0;
    }

    private static long lastOf(EpochHistory epochs, long end, Start start) {
        return epochs.starts().stream()
                .filter(next -> next.epoch() > start.epoch())
                .mapToLong(next -> next.sequence() - 1)
                .findFirst()
                .orElse(end);
    }
}
