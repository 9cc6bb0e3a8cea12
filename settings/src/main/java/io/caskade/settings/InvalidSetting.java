package io.caskade.settings;

/// Thrown by the constructor of a settings record when individually valid values contradict each other. The
/// loader adds where the named setting was given.
public final class InvalidSetting extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String setting;

    /// @param setting the key to blame, relative to the record: `min-insync`, or `storage.max-value-size`
    /// @param reason what was expected and what was found, in the words that follow the key
    public InvalidSetting(String setting, String reason) {
        super(reason);
        this.setting = setting;
    }

    /// The key to blame, relative to the record that threw.
    public String setting() {
        return setting;
    }

    /// What was expected and what was found.
    public String reason() {
        return String.valueOf(getMessage());
    }
}
