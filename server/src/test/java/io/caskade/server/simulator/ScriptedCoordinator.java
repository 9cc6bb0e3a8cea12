package io.caskade.server.simulator;

import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import java.util.ArrayList;
import java.util.List;

/// What the coordinator stores of the one partition of a script: all versions there have been, so that an old
/// one can be told late.
final class ScriptedCoordinator {

    private final List<PartitionState> versions = new ArrayList<>();

    ScriptedCoordinator(PartitionState first) {
        versions.add(first);
    }

    Versioned<PartitionState> newest() {
        return version(versions.size() - 1);
    }

    Versioned<PartitionState> version(int version) {
        return new Versioned<>(versions.get(version), version);
    }

    void store(PartitionState next) {
        versions.add(next);
    }

    /// Carries a compare-and-set out.
    ///
    /// @return what the one who sent it is to be told
    Event compareAndSet(Effects.StateWrite write) {
        if (write.expectedVersion() != newest().version()) {
            return new Event.CasLost(newest());
        }
        store(write.next());
        return new Event.CasWon(newest());
    }
}
