package io.caskade.server.lifecycle;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes everything that was started, in reverse order. A step that fails does not prevent the others.
/// Thread-safe.
public final class ShutdownSequence {

    private static final Logger LOG = LoggerFactory.getLogger(ShutdownSequence.class);

    private record Step(String name, AutoCloseable action) {}

    private final Deque<Step> steps = new ArrayDeque<>();

    /// Creates an empty sequence.
    public ShutdownSequence() {}

    /// Adds a step that runs before all steps added so far.
    ///
    /// @param name for the log
    public synchronized void push(String name, AutoCloseable action) {
        steps.push(new Step(name, action));
    }

    /// Runs all steps, the newest first.
    ///
    /// @return whether all of them succeeded
    public synchronized boolean close() {
        boolean clean = true;
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try {
                step.action().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                clean = false;
            } catch (IOException e) {
                LOG.error("{} did not close cleanly: {}", step.name(), e.getMessage());
                clean = false;
            } catch (TimeoutException e) {
                LOG.error("{} did not close in time", step.name());
                clean = false;
            } catch (Exception e) {
                LOG.error("{} did not close cleanly", step.name(), e);
                clean = false;
            }
        }
        return clean;
    }
}
