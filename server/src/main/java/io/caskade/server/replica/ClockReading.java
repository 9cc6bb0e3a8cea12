package io.caskade.server.replica;

/// A reading of a node's two clocks. Readings of different nodes cannot be compared.
///
/// @param monotonic milliseconds since an arbitrary point; never goes back, but may stand still while the
///     machine is suspended
/// @param wall Unix milliseconds; may be set to anything
public record ClockReading(long monotonic, long wall) {

    /// Whether less than so many milliseconds have passed since `earlier`, by both clocks: neither alone can be
    /// trusted with a lease.
    boolean isWithin(long millis, ClockReading earlier) {
        return monotonic - earlier.monotonic < millis && wall - earlier.wall < millis;
    }

    /// Never.
    static final ClockReading NEVER = new ClockReading(Long.MIN_VALUE, Long.MIN_VALUE);

    /// Forever.
    static final ClockReading ALWAYS = new ClockReading(Long.MAX_VALUE, Long.MAX_VALUE);

    /// So many milliseconds later, by both clocks.
    ClockReading plus(long millis) {
        return new ClockReading(monotonic + millis, wall + millis);
    }

    /// The earlier of two, by each clock.
    ClockReading min(ClockReading other) {
        return new ClockReading(Math.min(monotonic, other.monotonic), Math.min(wall, other.wall));
    }

    /// Whether it is before another, by both clocks.
    public boolean isBefore(ClockReading other) {
        return monotonic < other.monotonic && wall < other.wall;
    }

    /// How many milliseconds have passed since `earlier` by the clock that never goes back.
    long since(ClockReading earlier) {
        return monotonic - earlier.monotonic;
    }
}
