package io.caskade.cli.command;

/// The input is not a command. The message is one line that says what is expected.
public final class UsageException extends Exception {

    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
