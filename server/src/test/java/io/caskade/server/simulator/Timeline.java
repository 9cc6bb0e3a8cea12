package io.caskade.server.simulator;

/// When things happen: a clock, and what is to be run at which time. Everything runs one after the other.
public interface Timeline {

    /// Milliseconds since some moment.
    long now();

    /// Runs a task once so many milliseconds have passed, 0 for as soon as what runs now has ended.
    void after(long millis, Runnable task);
}
