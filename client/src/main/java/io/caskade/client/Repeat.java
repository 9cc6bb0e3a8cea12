package io.caskade.client;

/// Whether an operation may be repeated when an attempt may have had its effect and nobody says so.
enum Repeat {
    /// It has no effect.
    READ,
    /// It is a write, and a second one cannot overwrite what came after the first: or its caller accepts that it
    /// might.
    WRITE_AGAIN,
    /// It is a write that is sent once.
    WRITE_ONCE
}
