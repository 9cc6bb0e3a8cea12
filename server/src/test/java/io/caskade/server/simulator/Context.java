package io.caskade.server.simulator;

/// How much of one partition a client has seen: causal reads must not fall behind it.
///
/// @param epoch of the record at the sequence
/// @param sequence all up to there was committed
record Context(int epoch, long sequence) {

    static final Context NOTHING = new Context(0, 0);

    /// The one that is further.
    Context or(Context other) {
        return other.sequence > sequence ? other : this;
    }
}
