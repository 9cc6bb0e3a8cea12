package io.caskade.bench.load;

import io.caskade.settings.HostPort;
import java.util.List;

/// A server and the keys that it answers for itself, as a client that knows the layout asks it. Immutable; the
/// keys are not to be changed.
///
/// @param keys at least one
public record Target(HostPort address, List<byte[]> keys) {

    /// Copies the list.
    public Target {
        keys = List.copyOf(keys);
    }
}
