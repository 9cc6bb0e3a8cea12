package io.caskade.server.simulator;

/// The process that waited for something off its loop was killed meanwhile: nothing of it goes on.
final class ProcessEnded extends Error {

    private static final long serialVersionUID = 1L;

    ProcessEnded() {
        super("the process has ended", null, false, false);
    }
}
