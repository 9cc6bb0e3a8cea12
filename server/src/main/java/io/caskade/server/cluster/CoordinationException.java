package io.caskade.server.cluster;

import org.jspecify.annotations.Nullable;

/// What was asked of the coordinator could not be done. The message is for people.
public class CoordinationException extends Exception {

    private static final long serialVersionUID = 1L;

    /// @param cause null when there is none
    public CoordinationException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
