package io.caskade.settings;

/// The settings are invalid. The printable message has one line per mistake, with its place (file, line and
/// key, or environment variable), what was expected and what was found.
public final class SettingsException extends Exception {

    private static final long serialVersionUID = 1L;

    SettingsException(String message) {
        super(message);
    }

    SettingsException(String message, Throwable cause) {
        super(message, cause);
    }
}
