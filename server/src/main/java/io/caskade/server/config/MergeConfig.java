package io.caskade.server.config;

import io.caskade.settings.ByteSize;
import io.caskade.settings.Setting;

/// How the space of overwritten, deleted and expired values is reclaimed.
public record MergeConfig(
        @Setting(
                value = "true",
                doc = "Whether sealed segments are merged in the background; otherwise disk usage only grows.")
        boolean enabled,

        @Setting(
                value = "25",
                min = "1",
                max = "100",
                doc =
                        "A segment is merged when at least this percentage is dead; 2 percent when the partition is idle.")
        int deadPercent,

        @Setting(
                value = "64MiB",
                min = "0B",
                doc =
                        "Bytes that all merges of the node read and write per second at most, while none is urgent; 0B for no limit.")
        ByteSize rate) {

    private static final double PERCENT = 100;

    /// The dead ratio from which a segment is merged, above 0 and up to 1.
    public double deadRatio() {
        return deadPercent / PERCENT;
    }
}
