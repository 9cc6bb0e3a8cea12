package io.caskade.settings;

/// The settings cannot be used. The message is ready to print: one line for each mistake, each saying where
/// it is (file, line and key, or environment variable), what was expected and what was found.
public final class SettingsException extends Exception {

    private static final long serialVersionUID = 1L;

    SettingsException(String message) {
        super(message);
    }

    SettingsException(String message, Throwable cause) {
        super(message, cause);
    }
}
