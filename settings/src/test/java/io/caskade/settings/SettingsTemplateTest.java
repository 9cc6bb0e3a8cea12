package io.caskade.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTemplateTest {

    @Test
    void everySettingIsShownAtItsDefaultBelowItsDocumentation() {
        assertThat(SettingsTemplate.render(SampleSettings.class, List.of("A sample.", ""), Map.of()))
                .isEqualTo("""
                        # A sample.
                        #

                        # Where files go.
                        # data-dir: data

                        # The service this one talks to.
                        service:
                          # Where it listens.
                          # connect: 127.0.0.1:2181
                          # What others are told.
                          # advertised: ""
                          # How long it may be silent. (from 1s to 60s)
                          # session-timeout: 6s
                          # Its name. (matching [a-z]+)
                          # name: one

                        # What is kept.
                        storage:
                          # How large a segment grows. (from 1MiB to 1GiB)
                          # segment-size: 64MiB
                          # How large a value may be. (from 1KiB up)
                          # max-value-size: 16MiB
                          # When writes count. (sync or every-second)
                          # durability: sync
                          # How many there are. (from 1 to 1024)
                          # copies: 4
                          # Whether to check. (true or false)
                          # checked: true
                        """);
    }

    @Test
    void theTemplateItselfLoadsAsTheDefaults(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(
                directory.resolve("s.yaml"), SettingsTemplate.render(SampleSettings.class, List.of(), Map.of()));

        assertThat(SettingsFile.load(file, SampleSettings.class, Map.of()))
                .isEqualTo(SettingsFile.defaults(SampleSettings.class, Map.of()));
    }

    @Test
    void everyLineUncommentedLoadsAsTheDefaultsToo(@TempDir Path directory) throws Exception {
        String uncommented = SettingsTemplate.render(SampleSettings.class, List.of(), Map.of())
                .replaceAll("(?m)^( *)# ([a-z-]+: .*)$", "$1$2");
        Path file = Files.writeString(directory.resolve("s.yaml"), uncommented);

        assertThat(SettingsFile.load(file, SampleSettings.class, Map.of()))
                .isEqualTo(SettingsFile.defaults(SampleSettings.class, Map.of()));
    }

    @Test
    void aGivenSettingIsNotCommentedOut() {
        assertThat(SettingsTemplate.render(SampleSettings.class, List.of(), Map.of("storage.copies", "7")))
                .contains("\n  copies: 7\n");
    }

    @Test
    void aGivenSettingThatDoesNotExistIsRefused() {
        assertThatThrownBy(() -> SettingsTemplate.render(SampleSettings.class, List.of(), Map.of("storage.copys", "7")))
                .hasMessageContaining("storage.copys");
    }

    @Test
    void thePageHasARowForEachSetting() {
        assertThat(SettingsPage.render(SampleSettings.class))
                .contains(
                        "| `storage.copies`<br>`CASKADE_STORAGE_COPIES` | `4` | from 1 to 1024 | How many there are. |");
    }
}
