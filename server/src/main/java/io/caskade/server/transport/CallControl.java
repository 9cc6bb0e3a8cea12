package io.caskade.server.transport;

/// The gRPC call beneath a stream, as both sides have it. For the call's event loop.
interface CallControl {

    /// Whether a frame that is sent now goes on its way at once; when it does not, the stream is told as soon
    /// as it would.
    boolean isReady();

    /// Sends a frame, or keeps it until there is room.
    void send(Frame frame);

    /// Asks for one more frame.
    void request();

    /// Ends the call behind what was sent.
    void finish();

    /// Ends the call at once.
    void abort(String why);
}
