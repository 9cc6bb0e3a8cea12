package io.caskade.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What has been started, to be ended in the opposite order. One part that cannot be ended does not keep the
/// others from it. Safe for use by any thread.
final class ShutdownSequence {

    private static final Logger LOG = LoggerFactory.getLogger(ShutdownSequence.class);

    private record Part(String name, AutoCloseable end) {}

    private final Deque<Part> steps = new ArrayDeque<>();

    synchronized void push(String name, AutoCloseable end) {
        steps.push(new Part(name, end));
    }

    /// Ends everything, the newest first.
    ///
    /// @return whether all of it ended as it should
    synchronized boolean close() {
        boolean clean = true;
        while (!steps.isEmpty()) {
            Part part = steps.pop();
            try {
                part.end().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                clean = false;
            } catch (Exception e) {
                LOG.error("{} did not end in order", part.name(), e);
                clean = false;
            }
        }
        return clean;
    }
}
