package io.caskade.server.config;

import io.caskade.bitcask.Durability;
import io.caskade.settings.ByteSize;
import io.caskade.settings.InvalidSetting;
import io.caskade.settings.Setting;
import java.time.Duration;

/// How data is kept on disk.
public record StorageConfig(
        @Setting(
                value = "sync",
                doc =
                        "When a write is acknowledged: sync (after fsync); interval, none (before; a machine crash may lose it).")
        Durability durability,

        @Setting(value = "100ms", min = "1ms", max = "1m", doc = "The time between syncs when durability is interval.")
        Duration syncInterval,

        @Setting(value = "64MiB", min = "1MiB", max = "1GiB", doc = "The size at which a log segment is sealed.")
        ByteSize segmentSize,

        @Setting(
                value = "16MiB",
                min = "1KiB",
                max = "64MiB",
                doc = "The maximum size of a value; at most half of segment-size.")
        ByteSize maxValueSize,

        @Setting(value = "64MiB", min = "0B", doc = "The node's cache for frequently read values; 0B for none.")
        ByteSize cacheSize) {

    /// Rejects values so large that a segment might not hold one with its key and headers: a batch never spans
    /// segments.
    public StorageConfig {
        if (maxValueSize.bytes() > segmentSize.bytes() / 2) {
            throw new InvalidSetting(
                    "max-value-size",
                    "expected at most half of storage.segment-size, " + segmentSize + ", found " + maxValueSize);
        }
    }
}
