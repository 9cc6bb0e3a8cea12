package io.caskade.server.config;

import io.caskade.settings.Setting;

/// The node's identity.
public record NodeConfig(
        @Setting(
                value = "node-1",
                pattern = "[a-z0-9][a-z0-9-]{0,62}",
                doc = "The node's name: unique in the cluster, never changed.")
        String id,

        @Setting(value = "", pattern = "[A-Za-z0-9._-]{0,63}", doc = "The node's rack or zone, if any.")
        String rack) {}
