package io.caskade.settings;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/// Loads settings. All methods are thread-safe, and pure except for reading the file.
public final class SettingsFile {

    private SettingsFile() {}

    /// The settings in `file`, each at its default unless the file or the environment says otherwise; the
    /// environment wins. A section without settings, and an empty file, are at their defaults. `environment`
    /// is that of the process, [System#getenv()]; variables that name no setting are left alone.
    ///
    /// @param recordType a record whose components all carry [Setting] or [Section]
    /// @throws SettingsException when the file cannot be read, or anything in it or in the environment is
    ///     wrong; the message lists every mistake
    /// @throws IllegalStateException when the declarations in `recordType` are wrong themselves
    public static <T extends Record> T load(Path file, Class<T> recordType, Map<String, String> environment)
            throws SettingsException {
        Problems problems = new Problems(file.toString());
        try {
            YamlNode node = YamlReader.read(Files.readString(file), problems);
            return bind(node, recordType, environment, problems);
        } catch (YamlReader.BrokenYaml e) {
            throw new SettingsException(file + ":" + e.line() + ": not valid YAML: " + e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new SettingsException(file + ": no such file", e);
        } catch (CharacterCodingException e) {
            throw new SettingsException(file + ": not a text in UTF-8", e);
        } catch (IOException e) {
            throw new SettingsException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// The settings when there is no file: each at its default unless the environment says otherwise.
    ///
    /// @throws SettingsException when anything in the environment is wrong; the message lists every mistake
    public static <T extends Record> T defaults(Class<T> recordType, Map<String, String> environment)
            throws SettingsException {
        return bind(new YamlNode.Nothing(1), recordType, environment, new Problems(""));
    }

    private static <T extends Record> T bind(
            YamlNode node, Class<T> recordType, Map<String, String> environment, Problems problems)
            throws SettingsException {
        Object bound = new Binding(Schema.of(recordType), environment, problems)
                .bind(node)
                .orElse(null);
        if (bound == null || !problems.isEmpty()) {
            throw problems.toException();
        }
        return recordType.cast(bound);
    }
}
