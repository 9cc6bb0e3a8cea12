package io.caskade.server.simulator;

import io.caskade.server.cluster.BootstrapData;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.ControllerWrite;
import io.caskade.server.cluster.ControllerWriteResult;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// What the coordination servers hold, as an ensemble that agrees with itself: the bootstrap data, the
/// partitions' states, and what belongs to sessions: registrations and candidates. A session ends when its
/// client was not heard for its time-out.
///
/// Used on the timeline alone.
final class CoordinationServers {

    /// All that is stored, as it was after a change.
    ///
    /// @param changes how many changes there had been
    /// @param leading the session of the oldest candidate, 0 when there is none
    /// @param controller its node
    record View(
            long changes,
            @Nullable BootstrapData bootstrapData,
            SortedMap<String, NodeInfo> nodes,
            SortedMap<Integer, Versioned<PartitionState>> partitions,
            SortedSet<String> draining,
            long leading,
            @Nullable String controller) {}

    /// A registration, and the session it goes with.
    record Registration(NodeInfo node, long session) {}

    private record Candidacy(String node, long session) {}

    private final Timeline timeline;
    private final List<Consumer<View>> watchers = new ArrayList<>();
    private BiConsumer<PartitionState, PartitionState> onReplaced = (_, _) -> {};
    private IntConsumer onTerm = _ -> {};
    private final SortedMap<Integer, Versioned<PartitionState>> partitions = new TreeMap<>();
    private final SortedMap<String, Registration> registrations = new TreeMap<>();
    private final SortedSet<String> draining = new TreeSet<>();
    private final List<Candidacy> candidates = new ArrayList<>();

    /// When each living session was last heard of, and how long it may be silent.
    private final SortedMap<Long, Long> heardAt = new TreeMap<>();

    private final SortedMap<Long, Long> timeouts = new TreeMap<>();

    private @Nullable BootstrapData bootstrap;
    private int controllerEpoch;
    private long lastSession;
    private long changes;

    CoordinationServers(Timeline timeline) {
        this.timeline = timeline;
    }

    /// Registers an observer of every state that is replaced.
    void onReplaced(BiConsumer<PartitionState, PartitionState> told) {
        onReplaced = told;
    }

    /// Registers an observer of the epoch of each controller that is elected, and of each that has written.
    void onTerm(IntConsumer told) {
        onTerm = told;
    }

    /// Has a watcher told of every change, as it happens.
    void watch(Consumer<View> watcher) {
        watchers.add(watcher);
    }

    void unwatch(Consumer<View> watcher) {
        watchers.remove(watcher);
    }

    View view() {
        SortedMap<String, NodeInfo> nodes = new TreeMap<>();
        registrations.forEach((id, registration) -> nodes.put(id, registration.node()));
        Candidacy first = candidates.isEmpty() ? null : candidates.getFirst();
        return new View(
                changes,
                bootstrap,
                nodes,
                new TreeMap<>(partitions),
                new TreeSet<>(draining),
                first == null ? 0 : first.session(),
                first == null ? null : first.node());
    }

    long beginSession(long timeoutMillis) {
        long session = ++lastSession;
        timeouts.put(session, timeoutMillis);
        heardAt.put(session, timeline.now());
        expireWhenSilent(session, timeoutMillis);
        return session;
    }

    private void expireWhenSilent(long session, long millis) {
        timeline.after(millis, () -> {
            Long heard = heardAt.get(session);
            Long timeout = timeouts.get(session);
            if (heard == null || timeout == null) {
                return;
            }
            long left = heard + timeout - timeline.now();
            if (left <= 0) {
                endSession(session);
            } else {
                expireWhenSilent(session, left);
            }
        });
    }

    /// Whether the session lives; then it goes on living.
    boolean touch(long session) {
        return heardAt.computeIfPresent(session, (_, _) -> timeline.now()) != null;
    }

    boolean isAlive(long session) {
        return heardAt.containsKey(session);
    }

    void endSession(long session) {
        heardAt.remove(session);
        timeouts.remove(session);
        boolean left = registrations.values().removeIf(registration -> registration.session() == session);
        left |= candidates.removeIf(candidate -> candidate.session() == session);
        if (left) {
            changed();
        }
    }

    Optional<BootstrapData> lookUp() {
        return Optional.ofNullable(bootstrap);
    }

    BootstrapData found(BootstrapData proposed) {
        BootstrapData bootstrapped = bootstrap;
        if (bootstrapped == null) {
            bootstrapped = proposed;
            bootstrap = proposed;
            changed();
        }
        return bootstrapped;
    }

    /// Registers, unless the id is another session's: then that one's registration is returned.
    @Nullable
    Registration register(NodeInfo node, long session) {
        Registration present = registrations.get(node.id());
        if (present != null && present.session() != session) {
            return present;
        }
        registrations.put(node.id(), new Registration(node, session));
        changed();
        return null;
    }

    void unregister(String node, long session) {
        Registration present = registrations.get(node);
        if (present != null && present.session() == session) {
            registrations.remove(node);
            changed();
        }
    }

    @Nullable
    Versioned<PartitionState> read(int partition) {
        return partitions.get(partition);
    }

    CasResult compareAndSet(int expectedVersion, PartitionState next) {
        Versioned<PartitionState> stored = partitions.get(next.id());
        if (stored == null) {
            return new CasResult.Unknown("partition " + next.id() + " is not there");
        }
        if (stored.version() != expectedVersion) {
            return new CasResult.Lost(stored);
        }
        store(next, expectedVersion + 1);
        changed();
        return new CasResult.Won(expectedVersion + 1);
    }

    private void store(PartitionState state, int version) {
        Versioned<PartitionState> before = partitions.put(state.id(), new Versioned<>(state, version));
        if (before != null) {
            onReplaced.accept(before.value(), state);
        }
    }

    void setDraining(String node, boolean marked) {
        boolean changes = marked ? draining.add(node) : draining.remove(node);
        if (changes) {
            changed();
        }
    }

    void joinControllerElection(String node, long session) {
        if (candidates.stream().noneMatch(candidate -> candidate.session() == session)) {
            candidates.add(new Candidacy(node, session));
            changed();
        }
    }

    void withdraw(long session) {
        if (candidates.removeIf(candidate -> candidate.session() == session)) {
            changed();
        }
    }

    /// The epoch of a new term of the oldest candidate, or 0 when that is another session's.
    int beginTerm(long session) {
        if (candidates.isEmpty() || candidates.getFirst().session() != session) {
            return 0;
        }
        onTerm.accept(++controllerEpoch);
        return controllerEpoch;
    }

    ControllerWriteResult write(int epoch, List<ControllerWrite> writes) {
        if (epoch != controllerEpoch) {
            return new ControllerWriteResult.Deposed();
        }
        for (ControllerWrite write : writes) {
            String conflict = conflict(write);
            if (conflict != null) {
                return new ControllerWriteResult.Conflict(conflict);
            }
        }
        for (ControllerWrite write : writes) {
            switch (write) {
                case ControllerWrite.CreatePartition(var state) -> store(state, 0);
                case ControllerWrite.ChangePartition(var next, int expected) -> store(next, expected + 1);
            }
        }
        onTerm.accept(epoch);
        changed();
        return new ControllerWriteResult.Done();
    }

    private @Nullable String conflict(ControllerWrite write) {
        return switch (write) {
            case ControllerWrite.CreatePartition(var state) ->
                partitions.containsKey(state.id()) ? "partition " + state.id() + " exists" : null;
            case ControllerWrite.ChangePartition(var next, int expected) -> {
                Versioned<PartitionState> stored = partitions.get(next.id());
                boolean changed = stored == null || stored.version() != expected;
                yield changed ? "partition " + next.id() + " is not as it was" : null;
            }
        };
    }

    private void changed() {
        changes++;
        View view = view();
        List.copyOf(watchers).forEach(watcher -> watcher.accept(view));
    }
}
