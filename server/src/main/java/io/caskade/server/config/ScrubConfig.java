package io.caskade.server.config;

import io.caskade.settings.ByteSize;
import io.caskade.settings.Setting;
import java.time.Duration;

/// Background verification of sealed segments, to find bit rot before a client reads the records.
public record ScrubConfig(
        @Setting(
                value = "24h",
                min = "1m",
                max = "8760h",
                doc = "The time between two verifications of all sealed segments.")
        Duration interval,

        @Setting(
                value = "4MiB",
                min = "0B",
                doc = "Maximum bytes read per second, for all partitions together; 0B disables scrubs.")
        ByteSize rate) {}
