package io.caskade.server.config;

import io.caskade.settings.ByteSize;
import io.caskade.settings.Setting;

/// The disk space that is kept free.
public record DiskConfig(
        @Setting(
                value = "16MiB",
                min = "0B",
                doc = "Free space below which puts are rejected; deletes and merges continue.")
        ByteSize reserve) {}
