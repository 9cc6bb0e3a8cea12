package io.caskade.server.replica;

/// A moment, as the two clocks of one node show it. Moments of different nodes cannot be compared.
///
/// @param monotonic milliseconds since some moment; never goes back, but may stand still while the machine is
///     suspended
/// @param wall Unix milliseconds; may be set to anything
public record Moment(long monotonic, long wall) {

    /// Whether less than so many milliseconds have passed since `earlier`, by both clocks: neither alone can be
    /// trusted with a lease.
    boolean isWithin(long millis, Moment earlier) {
        return monotonic - earlier.monotonic < millis && wall - earlier.wall < millis;
    }

    /// Never.
    static final Moment NEVER = new Moment(Long.MIN_VALUE, Long.MIN_VALUE);

    /// For ever.
    static final Moment ALWAYS = new Moment(Long.MAX_VALUE, Long.MAX_VALUE);

    /// So many milliseconds later, by both clocks.
    Moment plus(long millis) {
        return new Moment(monotonic + millis, wall + millis);
    }

    /// The earlier of two, by each clock.
    Moment orEarlier(Moment other) {
        return new Moment(Math.min(monotonic, other.monotonic), Math.min(wall, other.wall));
    }

    /// Whether it is before another, by both clocks.
    public boolean isBefore(Moment other) {
        return monotonic < other.monotonic && wall < other.wall;
    }

    /// How many milliseconds have passed since `earlier` by the clock that never goes back.
    long since(Moment earlier) {
        return monotonic - earlier.monotonic;
    }
}
