package io.caskade.server.replica;

/// A reading of a node's two clocks. Readings of different nodes cannot be compared.
///
/// @param monotonic milliseconds since an arbitrary point; never goes back, but may stand still while the
///     machine is suspended
/// @param wall Unix milliseconds; may be set to anything
public record ClockReading(long monotonic, long wall) {

    /// Whether less than `millis` have passed since `earlier`, by both clocks: neither alone can be trusted
    /// with a lease.
    boolean isWithin(long millis, ClockReading earlier) {
        return monotonic - earlier.monotonic < millis && wall - earlier.wall < millis;
    }

    /// Before every reading, so a lease that expires then has expired.
    static final ClockReading NEVER = new ClockReading(Long.MIN_VALUE, Long.MIN_VALUE);

    /// After every reading, so a lease that expires then never expires.
    static final ClockReading ALWAYS = new ClockReading(Long.MAX_VALUE, Long.MAX_VALUE);

    /// This reading plus `millis`, by both clocks.
    ClockReading plus(long millis) {
        return new ClockReading(monotonic + millis, wall + millis);
    }

    /// The earlier of the two, clock by clock.
    ClockReading min(ClockReading other) {
        return new ClockReading(Math.min(monotonic, other.monotonic), Math.min(wall, other.wall));
    }

    /// Whether it is before the other, by both clocks.
    public boolean isBefore(ClockReading other) {
        return monotonic < other.monotonic && wall < other.wall;
    }

    /// The milliseconds since `earlier` by the monotonic clock.
    long since(ClockReading earlier) {
        return monotonic - earlier.monotonic;
    }
}
