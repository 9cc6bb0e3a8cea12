package io.caskade.cli;

/// What was typed is not a command. The message is one line that says what is.
final class UsageException extends Exception {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
