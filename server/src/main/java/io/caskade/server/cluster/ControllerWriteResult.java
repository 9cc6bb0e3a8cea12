package io.caskade.server.cluster;

/// What became of the writes that a controller asked for together.
public sealed interface ControllerWriteResult {

    /// All of them happened.
    record Done() implements ControllerWriteResult {}

    /// None of them happened: the term is over, and no write of it will ever happen again.
    record Deposed() implements ControllerWriteResult {}

    /// None of them happened: what they were decided on has changed.
    ///
    /// @param reason for people
    record Conflict(String reason) implements ControllerWriteResult {}

    /// The answer was lost: all of them happened, or none, or they are yet to happen.
    ///
    /// @param reason for people
    record Unknown(String reason) implements ControllerWriteResult {}
}
