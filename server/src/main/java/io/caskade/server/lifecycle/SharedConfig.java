package io.caskade.server.lifecycle;

import io.caskade.server.admin.SharedSetting;
import io.caskade.server.cluster.SharedSettings;
import io.caskade.server.config.ClusterConfig;
import io.caskade.server.config.ReplicationConfig;
import io.caskade.server.config.ServerConfig;
import io.caskade.settings.ByteSize;
import io.caskade.settings.Durations;
import io.caskade.settings.SettingsException;
import io.caskade.settings.SettingsFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The settings that all nodes share, between a node's file and what the cluster keeps. Pure.
public final class SharedConfig {

    private static final String FORMED = "fixed when the cluster is formed";

    /// A setting: its name, how its value is written, and how it is changed if not by its name.
    private record Shared(String name, Function<SharedSettings, String> value, String fixed) {}

    private static final List<Shared> ALL = List.of(
            new Shared(
                    "cluster.replication-factor",
                    shared -> Integer.toString(shared.replicationFactor()),
                    "changed by cluster replication-factor"),
            new Shared("cluster.min-insync", shared -> Integer.toString(shared.minInSync()), FORMED),
            new Shared("cluster.replace-after", shared -> duration(shared.replaceAfterMillis()), ""),
            new Shared("cluster.auto-balance-leaders", shared -> Boolean.toString(shared.autoBalanceLeaders()), ""),
            new Shared("cluster.move-rate", shared -> new ByteSize(shared.moveRateBytes()).toString(), ""),
            new Shared("replication.lease", shared -> duration(shared.leaseMillis()), FORMED),
            new Shared("replication.grace", shared -> duration(shared.graceMillis()), FORMED));

    private SharedConfig() {}

    private static String duration(long millis) {
        return Durations.format(Duration.ofMillis(millis));
    }

    /// The shared settings that a node's file has.
    public static SharedSettings of(ServerConfig config) {
        ClusterConfig cluster = config.cluster();
        return new SharedSettings(
                cluster.replicationFactor(),
                cluster.minInsync(),
                cluster.replaceAfter().toMillis(),
                cluster.autoBalanceLeaders(),
                cluster.moveRate().bytes(),
                config.replication().lease().toMillis(),
                config.replication().grace().toMillis());
    }

    /// A node's configuration with the cluster's settings in place of its own.
    public static ServerConfig follow(ServerConfig config, int partitions, SharedSettings shared) {
        ReplicationConfig own = config.replication();
        return config.with(
                new ClusterConfig(
                        partitions,
                        shared.replicationFactor(),
                        shared.minInSync(),
                        Duration.ofMillis(shared.replaceAfterMillis()),
                        shared.autoBalanceLeaders(),
                        new ByteSize(shared.moveRateBytes())),
                new ReplicationConfig(
                        Duration.ofMillis(shared.leaseMillis()),
                        Duration.ofMillis(shared.graceMillis()),
                        own.retry(),
                        own.lag(),
                        own.stall()));
    }

    /// All shared settings.
    public static List<SharedSetting> list(int partitions, SharedSettings shared) {
        List<SharedSetting> all = new ArrayList<>();
        all.add(new SharedSetting("cluster.partitions", Integer.toString(partitions), FORMED));
        ALL.forEach(setting ->
                all.add(new SharedSetting(setting.name(), setting.value().apply(shared), setting.fixed())));
        return all;
    }

    /// How a node's file differs from the cluster's settings, in a line; empty when it does not.
    ///
    /// @param own what the file has
    public static Optional<String> differences(
            int ownPartitions, SharedSettings own, int partitions, SharedSettings shared) {
        List<String> different = new ArrayList<>();
        List<SharedSetting> mine = list(ownPartitions, own);
        List<SharedSetting> all = list(partitions, shared);
        for (int i = 0; i < all.size(); i++) {
            SharedSetting here = mine.get(i);
            if (!here.value().equals(all.get(i).value())) {
                different.add(here.name() + " " + all.get(i).value() + " (here " + here.value() + ")");
            }
        }
        return different.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", different));
    }

    /// The settings with one changed.
    ///
    /// @throws IllegalArgumentException with a printable reason when there is no such setting, it is fixed, or
    ///     the value is not one of its values
    public static SharedSettings change(SharedSettings current, String name, String value) {
        Shared setting = ALL.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        name.equals("cluster.partitions")
                                ? name + " is " + FORMED
                                : name + " is no setting that all nodes share; those that can be changed: "
                                        + String.join(
                                                ", ",
                                                ALL.stream()
                                                        .filter(each ->
                                                                each.fixed().isEmpty())
                                                        .map(Shared::name)
                                                        .toList())));
        if (!setting.fixed().isEmpty()) {
            throw new IllegalArgumentException(name + " is " + setting.fixed());
        }
        ClusterConfig parsed = parse(name, value);
        return new SharedSettings(
                current.replicationFactor(),
                current.minInSync(),
                name.equals("cluster.replace-after") ? parsed.replaceAfter().toMillis() : current.replaceAfterMillis(),
                name.equals("cluster.auto-balance-leaders")
                        ? parsed.autoBalanceLeaders()
                        : current.autoBalanceLeaders(),
                name.equals("cluster.move-rate") ? parsed.moveRate().bytes() : current.moveRateBytes(),
                current.leaseMillis(),
                current.graceMillis());
    }

    /// As a node's file is read, with the same ranges and messages.
    private static ClusterConfig parse(String name, String value) {
        String variable =
                "CASKADE_" + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
        try {
            return SettingsFile.defaults(ServerConfig.class, Map.of(variable, value))
                    .cluster();
        } catch (SettingsException e) {
            throw new IllegalArgumentException(
                    String.valueOf(e.getMessage()).replace(variable, name).strip(), e);
        }
    }
}
