package io.caskade.server.config;

import io.caskade.settings.ByteSize;
import io.caskade.settings.Setting;

/// What the node takes on at once.
public record LimitsConfig(
        @Setting(
                value = "32MiB",
                min = "64KiB",
                max = "1GiB",
                doc = "How many bytes of writes a partition may owe an answer before it says it is busy.")
        ByteSize inFlight) {}
