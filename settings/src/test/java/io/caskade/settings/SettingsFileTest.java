package io.caskade.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsFileTest {

    private static final SampleSettings DEFAULTS = new SampleSettings(
            Path.of("data"),
            new SampleSettings.Service(
                    HostPorts.parse("127.0.0.1:2181"), Optional.empty(), Duration.ofSeconds(6), "one"),
            new SampleSettings.Storage(
                    ByteSize.parse("64MiB"), ByteSize.parse("16MiB"), SampleSettings.Durability.SYNC, 4, true));

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", "# only a comment\n", "---\n", "storage:\nservice:\n  # name: two\n", "storage: {}\n"})
    void settingsThatAreNotGivenHaveTheirDefaults(String yaml) throws Exception {
        assertThat(load(yaml)).isEqualTo(DEFAULTS);
    }

    @Test
    void withoutAFileEverySettingIsAtItsDefault() throws Exception {
        assertThat(SettingsFile.defaults(SampleSettings.class, Map.of())).isEqualTo(DEFAULTS);
    }

    @Test
    void everyTypeIsReadFromTheFile() throws Exception {
        SampleSettings settings = load("""
                data-dir: /var/lib/sample
                service:
                  connect: zk1:2181, zk2:2182,[::1]:2183
                  advertised: "sample.example:6669"
                  session-timeout: 1500ms
                  name: two
                storage:
                  segment-size: 1GiB
                  max-value-size: 512KiB
                  durability: every-second
                  copies: 7
                  checked: false
                """);

        assertThat(settings)
                .isEqualTo(new SampleSettings(
                        Path.of("/var/lib/sample"),
                        new SampleSettings.Service(
                                HostPorts.parse("zk1:2181,zk2:2182,[::1]:2183"),
                                Optional.of(new HostPort("sample.example", 6669)),
                                Duration.ofMillis(1500),
                                "two"),
                        new SampleSettings.Storage(
                                new ByteSize(1L << 30),
                                new ByteSize(1 << 19),
                                SampleSettings.Durability.EVERY_SECOND,
                                7,
                                false)));
    }

    @Test
    void theEnvironmentOverridesTheFile() throws Exception {
        SampleSettings settings = SettingsFile.load(
                write("service:\n  session-timeout: 5s\n"),
                SampleSettings.class,
                Map.of("CASKADE_SERVICE_SESSION_TIMEOUT", "9s", "CASKADE_DATA_DIR", "/other"));

        assertThat(settings.service().sessionTimeout()).isEqualTo(Duration.ofSeconds(9));
        assertThat(settings.dataDir()).isEqualTo(Path.of("/other"));
    }

    @Test
    void unknownVariablesAreIgnored() throws Exception {
        assertThat(SettingsFile.defaults(SampleSettings.class, Map.of("CASKADE_HOME", "/opt/caskade")))
                .isEqualTo(DEFAULTS);
    }

    @Test
    void anUnknownKeyIsAnErrorThatSuggestsTheNearestKnownOne() {
        assertRefused("storage:\n  copies: 2\n  segement-size: 64MiB\n")
                .hasMessage(file() + ":3: storage.segement-size: unknown key; did you mean storage.segment-size?");
    }

    @Test
    void aKeyInTheWrongSectionIsAnErrorThatNamesItsOwn() {
        assertRefused("session-timeout: 5s\n")
                .hasMessage(file() + ":1: session-timeout: unknown key; did you mean service.session-timeout?");
    }

    @Test
    void aKeyUnlikeAnyOtherIsUnknownWithoutASuggestion() {
        assertRefused("colour: blue\n").hasMessage(file() + ":1: colour: unknown key");
    }

    @Test
    void aDottedKeyIsAnErrorThatSaysToNestIt() {
        assertRefused("storage.copies: 3\n")
                .hasMessageStartingWith(file() + ":1: storage.copies: unknown key; write each part on a line");
    }

    @Test
    void aKeyGivenTwiceIsAnErrorThatNamesBothLines() {
        assertRefused("storage:\n  copies: 2\n  checked: true\n  copies: 3\n")
                .hasMessage(file() + ":4: storage.copies: given twice, first on line 2");
    }

    @Test
    void aSizeWithoutItsUnitIsAnErrorThatSaysWhatWasExpected() {
        assertRefused("storage:\n  segment-size: 64\n")
                .hasMessage(file() + ":2: storage.segment-size: expected a size from 1MiB to 1GiB such as 64MiB,"
                        + " found \"64\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "storage: {segment-size: 512KiB}",
                "storage: {segment-size: 2GiB}",
                "storage: {segment-size: 999999999TiB}",
                "storage: {segment-size: }",
                "storage: {segment-size: [64MiB]}",
                "storage: {segment-size: {size: 64MiB}}",
                "storage: {copies: 0}",
                "storage: {copies: 4.0}",
                "storage: {copies: 9999999999}",
                "storage: {checked: maybe}",
                "storage: {durability: SYNC}",
                "storage: large",
                "storage: [copies]",
                "service: {session-timeout: 61s}",
                "service: {session-timeout: 5}",
                "service: {connect: localhost}",
                "service: {connect: 'localhost:70000'}",
                "service: {connect: 'a:1,,b:2'}",
                "service: {connect: '::1:2181'}",
                "service: {advertised: nowhere}",
                "service: {name: TWO}",
                "data-dir: ''",
            })
    void aValueThatIsNotAllowedIsAnError(String yaml) {
        assertRefused(yaml).hasMessageMatching("(?s).*s.yaml:1: [a-z.-]+: expected .+, found .+");
    }

    @Test
    void allErrorsAreListedInTheFilesOrderThenTheEnvironments() {
        assertThatThrownBy(() -> SettingsFile.load(
                        write("nane: x\nstorage:\n  copies: none\n  checked: 1\n  copies: 2\n"),
                        SampleSettings.class,
                        Map.of("CASKADE_SERVICE_NAME", "No. 2")))
                .isInstanceOf(SettingsException.class)
                .hasMessage("""
                        %1$s:1: nane: unknown key; did you mean service.name?
                        %1$s:3: storage.copies: expected a whole number from 1 to 1024 such as 4, found "none"
                        %1$s:4: storage.checked: expected true or false, found "1"
                        %1$s:5: storage.copies: given twice, first on line 3
                        environment variable CASKADE_SERVICE_NAME: expected text matching [a-z]+ such as one, found "No. 2\"""".formatted(file()));
    }

    @Test
    void inconsistentSettingsAreAnErrorAtTheBlamedOne() {
        assertRefused("storage:\n  segment-size: 1MiB\n  max-value-size: 2MiB\n")
                .hasMessage(file() + ":3: storage.max-value-size: expected at most segment-size, 1MiB, found 2MiB");
    }

    @Test
    void aDefaultInconsistentWithAGivenSettingIsAnErrorOfTheFile() {
        assertRefused("storage:\n  segment-size: 1MiB\n")
                .hasMessage(file() + ": storage.max-value-size: expected at most segment-size, 1MiB, found 16MiB");
    }

    @Test
    void aVariableInconsistentWithTheFileIsAnErrorOfTheEnvironment() {
        assertThatThrownBy(() ->
                        SettingsFile.defaults(SampleSettings.class, Map.of("CASKADE_STORAGE_MAX_VALUE_SIZE", "65MiB")))
                .hasMessage("environment variable CASKADE_STORAGE_MAX_VALUE_SIZE: "
                        + "expected at most segment-size, 64MiB, found 65MiB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"storage:\n  copies: [1\n", "storage:\n\tcopies: 1\n", "a: b: c\n", "copies: \"\n"})
    void brokenYamlIsAnErrorWithItsLine(String yaml) {
        assertRefused(yaml).hasMessageMatching("(?s).*s.yaml:[123]: not valid YAML: .+");
    }

    @Test
    void aSecondDocumentIsAnError() {
        assertRefused("storage:\n---\nstorage:\n")
                .hasMessageContaining("s.yaml:")
                .hasMessageContaining("document");
    }

    @Test
    void anAliasIsAnErrorRatherThanItsName() {
        assertRefused("service:\n  name: &n two\n  connect: *n\n")
                .hasMessageStartingWith(file() + ":3: ")
                .hasMessageContaining("alias *n");
    }

    @Test
    void aListInsteadOfSettingsIsAnError() {
        assertRefused("- storage\n").hasMessage(file() + ":1: the file: expected settings by name, found a list");
    }

    @Test
    void aMissingFileIsAnErrorThatNamesIt() {
        assertThatThrownBy(() -> SettingsFile.load(file(), SampleSettings.class, Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessage(file() + ": no such file");
    }

    @Test
    void aDirectoryIsAnErrorThatNamesIt() {
        assertThatThrownBy(() -> SettingsFile.load(directory, SampleSettings.class, Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(directory + ": cannot be read: ");
    }

    @Test
    void aFileThatIsNotTextIsAnErrorThatNamesIt() throws IOException {
        Files.write(file(), new byte[] {(byte) 0xc3, (byte) 0x28});
        assertThatThrownBy(() -> SettingsFile.load(file(), SampleSettings.class, Map.of()))
                .hasMessage(file() + ": not a text in UTF-8");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(String yaml) {
        return assertThatThrownBy(() -> load(yaml)).isInstanceOf(SettingsException.class);
    }

    private SampleSettings load(String yaml) throws IOException, SettingsException {
        return SettingsFile.load(write(yaml), SampleSettings.class, Map.of());
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(file(), yaml, StandardCharsets.UTF_8);
    }

    private Path file() {
        return directory.resolve("s.yaml");
    }
}
