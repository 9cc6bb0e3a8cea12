package io.caskade.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.settings.SettingsFile;
import io.caskade.settings.SettingsTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is shipped in `conf/client` says what the code says. After a change of the settings, run the tests with
/// `-Dshipped.files=write` and read the difference before committing it.
class ShippedFileTest {

    private static final Path SHIPPED = Path.of("../conf/client/cli.yaml");

    @Test
    void confShowsEachSettingAtItsDefaultCommented() throws IOException {
        String rendered = SettingsTemplate.render(
                ClientConfig.class,
                List.of(
                        "The shell and other programs that use the client library.",
                        "",
                        "Every setting is shown at its default, commented out; the environment overrides what is set",
                        "here: CASKADE_ZOOKEEPER_CONNECT for zookeeper.connect."),
                Map.of());
        if ("write".equals(System.getProperty("shipped.files"))) {
            Files.writeString(SHIPPED, rendered);
        }

        assertThat(SHIPPED).content().isEqualTo(rendered);
    }

    @Test
    void theShippedFileLoads() throws Exception {
        assertThat(SettingsFile.load(SHIPPED, ClientConfig.class, Map.of())).isEqualTo(ClientConfig.defaults());
    }
}
