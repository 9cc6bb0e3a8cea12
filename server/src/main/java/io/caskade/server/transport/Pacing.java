package io.caskade.server.transport;

/// How messages that recur with every heartbeat are spared. An idle node sends little else, and each frame
/// costs both sides far more than the messages in it.
///
/// @param grantDelayMillis how long a lease grant may wait for another message to share its frame; the next
///     heartbeat of this node is soon enough
/// @param ackRepeatMillis how often an acknowledgement is repeated that says nothing new
public record Pacing(long grantDelayMillis, long ackRepeatMillis) {

    /// Everything is sent at once.
    public static final Pacing NONE = new Pacing(0, 0);
}
