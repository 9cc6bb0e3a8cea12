package io.caskade.client.call;

/// When an operation may be repeated after an attempt whose outcome is unknown.
public enum RetryPolicy {
    /// Always: it has no effect.
    READ,
    /// Always: a second write cannot overwrite a later one, or the caller accepts that it might.
    REPEATABLE_WRITE,
    /// Never: the write is sent once.
    SINGLE_WRITE
}
