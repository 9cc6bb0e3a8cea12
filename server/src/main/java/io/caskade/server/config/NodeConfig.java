package io.caskade.server.config;

import io.caskade.settings.Setting;

/// Which node this is.
public record NodeConfig(
        @Setting(
                value = "node-1",
                pattern = "[a-z0-9][a-z0-9-]{0,62}",
                doc = "The node's name: unique in the cluster, never changed.")
        String id,

        @Setting(value = "", pattern = "[A-Za-z0-9._-]{0,63}", doc = "The rack or zone the node stands in, if any.")
        String rack) {}
