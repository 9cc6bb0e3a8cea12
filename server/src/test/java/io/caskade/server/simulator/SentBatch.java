package io.caskade.server.simulator;

import io.caskade.server.command.WriteBatch;
import java.util.List;

/// A batch of a client, whose every value no other request writes. All of its writes are applied if its checks
/// hold.
///
/// @param writes what its commands write, in their order
record SentBatch(String name, WriteBatch batch, List<Write> writes) {

    /// One record.
    ///
    /// @param expires whether it is gone some day
    record Write(String key, String value, boolean expires) {}

    /// Makes the list immutable.
    SentBatch {
        writes = List.copyOf(writes);
    }

    /// What it leaves of each key it writes.
    List<Write> last() {
        return writes.stream()
                .filter(write -> writes.stream()
                        .filter(other -> other.key().equals(write.key()))
                        .reduce((_, later) -> later)
                        .filter(write::equals)
                        .isPresent())
                .toList();
    }

    /// Notes in the history what it leaves.
    ///
    /// @param returnedAt [Operation#NEVER] when its outcome is unknown
    void note(Simulation simulation, long invokedAt, long returnedAt) {
        for (Write write : last()) {
            simulation.note(
                    write.key(),
                    new Operation(
                            Operation.Kind.WRITE,
                            null,
                            write.value(),
                            write.expires(),
                            invokedAt,
                            returnedAt,
                            returnedAt != Operation.NEVER,
                            null));
        }
    }

    @Override
    public String toString() {
        return name + " " + writes + (batch.checks().isEmpty() ? "" : " if " + describeChecks());
    }

    private List<String> describeChecks() {
        return batch.checks().stream()
                .map(check -> SimulatedPartition.text(check.key()) + " is " + check.condition())
                .toList();
    }
}
