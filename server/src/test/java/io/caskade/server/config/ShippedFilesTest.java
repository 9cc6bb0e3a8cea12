package io.caskade.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.settings.SettingsFile;
import io.caskade.settings.SettingsPage;
import io.caskade.settings.SettingsTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is shipped in `conf/` and `docs/` says what the code says. After a change of the settings, run the
/// tests with `-Dshipped.files=write` and read the difference before committing it.
class ShippedFilesTest {

    private static final Path STANDALONE = Path.of("../conf/standalone/server.yaml");

    /// With one partition all keys can be written together.
    private static final Map<String, String> STANDALONE_SETTINGS =
            Map.of("zookeeper.embedded", "true", "cluster.partitions", "1");

    private static final Path PAGE = Path.of("../docs/configuration.md");
    private static final String PAGE_STARTS = "<!-- node settings, generated -->\n\n";
    private static final String PAGE_ENDS = "\n<!-- end of node settings -->";

    @Test
    void theStandaloneFileShowsEachOtherSettingAtItsDefaultCommented() throws IOException {
        String rendered = SettingsTemplate.render(
                ServerConfig.class,
                List.of(
                        "One node that needs nothing else: it runs a ZooKeeper of its own, in its data directory.",
                        "",
                        "Every other setting is shown at its default, commented out; docs/configuration.md says more."),
                STANDALONE_SETTINGS);

        assertShipped(STANDALONE, rendered);
    }

    @Test
    void theStandaloneFileLoads() throws Exception {
        ServerConfig standalone = ServerConfig.load(STANDALONE, Map.of());

        assertThat(standalone).isEqualTo(SettingsFile.defaults(ServerConfig.class, variables(STANDALONE_SETTINGS)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void eachNodeOfTheClusterHasAFileThatSetsOnlyItsOwnSettings(int number) throws Exception {
        Map<String, String> itsOwn = Map.of(
                "node.id", "node-" + number,
                "data-dir", "data/cluster/node-" + number,
                "listeners.grpc.bind", "127.0.0.1:" + (5669 + number * 1000),
                "listeners.http.bind", "127.0.0.1:" + (8079 + number),
                "listeners.redis.bind", "127.0.0.1:" + (6378 + number),
                "listeners.replication.bind", "127.0.0.1:" + (5668 + number * 1000),
                "cluster.replication-factor", "3",
                "cluster.min-insync", "2");
        String rendered = SettingsTemplate.render(
                ServerConfig.class,
                List.of(
                        number <= 3
                                ? "Node " + number + " of the three that make cluster runs, with a separate ZooKeeper."
                                : "Node " + number
                                        + ", to be added to the three that make cluster runs: make cluster-node N="
                                        + number + " starts it.",
                        "",
                        "Every other setting is shown at its default, commented out; docs/configuration.md says more."),
                itsOwn);
        Path file = Path.of("../conf/cluster/node-" + number + ".yaml");

        assertShipped(file, rendered);
        assertThat(ServerConfig.load(file, Map.of()))
                .isEqualTo(SettingsFile.defaults(ServerConfig.class, variables(itsOwn)));
    }

    private static Map<String, String> variables(Map<String, String> settings) {
        return settings.entrySet().stream()
                .collect(Collectors.toMap(
                        setting -> "CASKADE_"
                                + setting.getKey()
                                        .toUpperCase(Locale.ROOT)
                                        .replace('.', '_')
                                        .replace('-', '_'),
                        Map.Entry::getValue));
    }

    @Test
    void thePageListsEachSetting() throws IOException {
        String page = Files.readString(PAGE);
        int start = page.indexOf(PAGE_STARTS) + PAGE_STARTS.length();
        int end = page.indexOf(PAGE_ENDS);
        assertThat(start).isLessThanOrEqualTo(end);

        assertShipped(PAGE, page.substring(0, start) + SettingsPage.render(ServerConfig.class) + page.substring(end));
    }

    private static void assertShipped(Path file, String rendered) throws IOException {
        if ("write".equals(System.getProperty("shipped.files"))) {
            Files.writeString(file, rendered);
        }
        assertThat(file).content().isEqualTo(rendered);
    }
}
