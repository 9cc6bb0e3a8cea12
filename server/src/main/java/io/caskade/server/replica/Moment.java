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

    /// How many milliseconds have passed since `earlier` by the clock that never goes back.
    long since(Moment earlier) {
        return monotonic - earlier.monotonic;
    }
}
