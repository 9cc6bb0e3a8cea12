package io.caskade.server.transport;

/// The gRPC call of a stream, the same for both sides. For the call's event loop.
interface CallControl {

    /// Whether the call accepts frames without buffering; otherwise the stream is notified when it does.
    boolean isReady();

    /// Sends a frame, or buffers it.
    void send(Frame frame);

    /// Requests one more frame.
    void request();

    /// Ends the call after what was sent.
    void finish();

    /// Cancels the call.
    void abort(String why);
}
