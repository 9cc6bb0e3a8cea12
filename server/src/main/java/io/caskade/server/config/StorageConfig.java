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
                doc = "When a write counts: sync, once it is on disk; interval or none, before that, at your risk.")
        Durability durability,

        @Setting(
                value = "100ms",
                min = "1ms",
                max = "1m",
                doc = "How long a write may wait for the disk when durability is interval.")
        Duration syncInterval,

        @Setting(value = "64MiB", min = "1MiB", max = "1GiB", doc = "The size at which a log segment is closed.")
        ByteSize segmentSize,

        @Setting(
                value = "16MiB",
                min = "1KiB",
                max = "64MiB",
                doc = "The largest value a write may carry; at most half of segment-size.")
        ByteSize maxValueSize,

        @Setting(
                value = "64MiB",
                min = "0B",
                doc = "How much memory of the node holds values that are read often; 0B for none.")
        ByteSize cacheSize) {

    /// Refuses values so large that a segment might not hold one with its key and headers: a batch never spans
    /// segments.
    public StorageConfig {
        if (maxValueSize.bytes() > segmentSize.bytes() / 2) {
            throw new InvalidSetting(
                    "max-value-size",
                    "expected at most half of storage.segment-size, " + segmentSize + ", found " + maxValueSize);
        }
    }
}
