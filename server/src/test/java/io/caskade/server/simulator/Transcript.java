package io.caskade.server.simulator;

import io.caskade.server.replica.Event;

/// Writes events down for people, the same in every run.
final class Transcript {

    private Transcript() {}

    /// Keys and values are bytes, which have no text of their own.
    static String of(Event event) {
        return event instanceof Event.Proposed proposed
                ? "Proposed[" + proposed.proposal().token() + "]"
                : event.toString();
    }
}
