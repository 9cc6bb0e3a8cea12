package io.caskade.api;

/// How large messages between clients and nodes may be.
public final class MessageLimits {

    /// The longest request that a node reads. Above the greatest value any configuration allows, so that one
    /// that is too long for a node is answered with the name of the setting.
    public static final int MAX_REQUEST_BYTES = 80 << 20;

    private MessageLimits() {}
}
