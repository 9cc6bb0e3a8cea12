package io.caskade.bench.load;

/// A server answered that it did not do what it was asked for, or did not answer.
public final class FailedReplyException extends Exception {

    private static final long serialVersionUID = 1L;

    FailedReplyException(String message) {
        super(message, null, false, false);
    }
}
