package io.caskade.cli;

/// The exit codes that scripts rely on.
final class Exit {

    /// It was done.
    static final int DONE = 0;
    /// The answer is no: there is no such record, or a condition does not hold.
    static final int NO = 1;
    /// What was typed or configured is wrong.
    static final int USAGE = 2;
    /// The cluster could not be reached, or refused.
    static final int REFUSED = 3;
    /// A write may or may not take effect.
    static final int UNKNOWN = 4;

    private Exit() {}
}
