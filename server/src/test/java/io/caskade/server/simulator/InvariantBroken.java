package io.caskade.server.simulator;

/// Something happened that must not. The message says how to see it again.
final class InvariantBroken extends AssertionError {

    private static final long serialVersionUID = 1L;

    private final String invariant;

    InvariantBroken(long seed, long at, String invariant, String what) {
        super("seed " + seed + " at " + at + " ms breaks \"" + invariant + "\": " + what
                + "\nreplay it with: make simulate SEED=" + seed);
        this.invariant = invariant;
    }

    String invariant() {
        return invariant;
    }
}
