package io.caskade.server.simulator;

/// When things happen: a clock, and what is to be run at which time. Everything runs one after the other.
public interface Timeline {

    /// Milliseconds since some moment.
    long now();

    /// Runs a task after a number of milliseconds; 0 for right after the current task.
    void after(long millis, Runnable task);
}
