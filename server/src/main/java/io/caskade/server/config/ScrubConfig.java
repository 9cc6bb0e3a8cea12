package io.caskade.server.config;

import io.caskade.settings.ByteSize;
import io.caskade.settings.Setting;
import java.time.Duration;

/// How sealed segments are read again, to find decay before a client asks for the records.
public record ScrubConfig(
        @Setting(
                value = "24h",
                min = "1m",
                max = "8760h",
                doc = "How long the node waits before it reads and verifies all sealed segments again.")
        Duration interval,

        @Setting(
                value = "4MiB",
                min = "0B",
                doc = "How much of them it reads a second, all partitions together; 0B for never.")
        ByteSize rate) {}
