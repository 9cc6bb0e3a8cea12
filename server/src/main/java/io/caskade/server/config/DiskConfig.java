package io.caskade.server.config;

import io.caskade.settings.ByteSize;
import io.caskade.settings.Setting;

/// What is left free of the disk.
public record DiskConfig(
        @Setting(
                value = "16MiB",
                min = "0B",
                doc = "While the disk has less free, writes of values are refused and only what frees space is done.")
        ByteSize reserve) {}
