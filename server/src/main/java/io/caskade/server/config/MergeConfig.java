package io.caskade.server.config;

import io.caskade.settings.ByteSize;
import io.caskade.settings.Setting;

/// How the space of overwritten, deleted and expired values is taken back.
public record MergeConfig(
        @Setting(
                value = "true",
                doc = "Whether sealed segments are merged in the background; without that the disk only fills.")
        boolean enabled,

        @Setting(
                value = "25",
                min = "1",
                max = "100",
                doc = "A segment is merged when at least so many percent of it are of no use; an idle one, from 2 on.")
        int deadPercent,

        @Setting(
                value = "64MiB",
                min = "0B",
                doc = "How much all merges of the node may read and write a second together; 0B for no limit.")
        ByteSize rate) {

    private static final double PERCENT = 100;

    /// The part of a segment that must be of no use, above 0 and up to 1.
    public double deadRatio() {
        return deadPercent / PERCENT;
    }
}
