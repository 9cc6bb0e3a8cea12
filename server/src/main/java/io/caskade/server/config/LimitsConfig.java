package io.caskade.server.config;

import io.caskade.settings.ByteSize;
import io.caskade.settings.Setting;

/// Limits on concurrent work.
public record LimitsConfig(
        @Setting(
                value = "32MiB",
                min = "64KiB",
                max = "1GiB",
                doc = "Maximum unacknowledged write bytes per partition; beyond it, BUSY.")
        ByteSize inFlight,

        @Setting(
                value = "64MiB",
                min = "64KiB",
                doc = "Maximum bytes of values being read or sent to clients, for the node; beyond it, BUSY.")
        ByteSize reads,

        @Setting(
                value = "1GiB",
                min = "0B",
                doc = "Maximum off-heap memory for the node's keys, 38 bytes each; new keys are refused; 0B for any.")
        ByteSize keydir) {}
