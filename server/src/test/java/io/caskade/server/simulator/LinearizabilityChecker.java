package io.caskade.server.simulator;

import io.caskade.server.simulator.Operation.Kind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides whether a history of one register is linearizable: whether each operation can be given one moment
/// between its invocation and its return so that all answers are right. An operation of unknown outcome may
/// have its moment at any time after its invocation, or never. A value that was written to expire may be gone
/// at any moment after that, for good: when it must be is not decided here.
///
/// The search of Wing and Gong, with Lowe's memory of the configurations that were tried
/// ([Testing for linearizability](https://www.cs.ox.ac.uk/people/gavin.lowe/LinearizabiltyTesting/)). Only
/// operations of known outcome are searched for. Values are never written twice, so what was seen tells which
/// operation of unknown outcome must have had its moment, and it may as well have had it just before.
public final class LinearizabilityChecker {

    /// The search gives up after this many configurations.
    private static final int MAX_CONFIGURATIONS = 200_000;

    /// What was found out.
    public enum Verdict {
        LINEARIZABLE,
        NOT_LINEARIZABLE,
        UNDECIDED
    }

    /// Of known outcome first.
    private final List<Operation> operations;

    private final int known;

    /// Of unknown outcome, which operation may have written a value.
    private final Map<String, Integer> writers = new HashMap<>();

    /// Of unknown outcome and as good as each other: they may have left nothing there, and that is all.
    private final List<Integer> removers = new ArrayList<>();

    private final Set<String> expiring = new HashSet<>();
    private final Set<Step> tried = new HashSet<>();

    private LinearizabilityChecker(List<Operation> history) {
        this.operations = history.stream()
                .sorted(Comparator.comparing(Operation::isUnknown).thenComparingLong(Operation::invokedAt))
                .toList();
        this.known = Math.toIntExact(
                operations.stream().filter(operation -> !operation.isUnknown()).count());
        for (Operation operation : operations) {
            if (operation.expires() && operation.value() != null) {
                expiring.add(operation.value());
            }
        }
        Set<String> noticed = noticed(operations);
        for (int i = known; i < operations.size(); i++) {
            Operation operation = operations.get(i);
            String value = operation.value();
            boolean unseen = value == null || !noticed.contains(value);
            if (operation.kind() == Kind.REMOVE || (operation.kind() == Kind.WRITE && operation.expires() && unseen)) {
                removers.add(i);
            } else if (value != null) {
                writers.put(value, i);
            }
        }
    }

    /// The values that an operation has seen, or may have replaced because they were there.
    private static Set<String> noticed(List<Operation> operations) {
        Set<String> noticed = new HashSet<>();
        for (Operation operation : operations) {
            if (operation.seen() != null) {
                noticed.add(operation.seen());
            }
            if (operation.expected() != null && (operation.applied() || operation.isUnknown())) {
                noticed.add(operation.expected());
            }
        }
        return noticed;
    }

    /// Decides for operations in any order.
    public static Verdict check(List<Operation> history) {
        return new LinearizabilityChecker(history).search();
    }

    /// Which operations have had their moment, and what the register holds then.
    private record Step(BitSet done, @Nullable String state) {

        Step with(int operation, @Nullable String newState) {
            BitSet now = (BitSet) done.clone();
            now.set(operation);
            return new Step(now, newState);
        }
    }

    private Verdict search() {
        List<Step> open = new ArrayList<>();
        open.add(new Step(new BitSet(), null));
        while (!open.isEmpty()) {
            Step step = open.removeLast();
            if (step.done().nextClearBit(0) >= known) {
                return Verdict.LINEARIZABLE;
            }
            if (tried.size() > MAX_CONFIGURATIONS) {
                return Verdict.UNDECIDED;
            }
            expand(step, open);
        }
        return Verdict.NOT_LINEARIZABLE;
    }

    /// An operation can be next if none that is still to come returned before it was invoked.
    private void expand(Step step, List<Step> open) {
        long firstReturn = Long.MAX_VALUE;
        for (int i = step.done().nextClearBit(0); i < known; i = step.done().nextClearBit(i + 1)) {
            firstReturn = Math.min(firstReturn, operations.get(i).returnedAt());
        }
        List<Step> next = new ArrayList<>();
        for (int i = step.done().nextClearBit(0); i < known; i = step.done().nextClearBit(i + 1)) {
            if (operations.get(i).invokedAt() > firstReturn) {
                break;
            }
            for (Step taken : take(i, step, firstReturn)) {
                if (tried.add(taken)) {
                    next.add(taken);
                }
            }
        }
        open.addAll(next.reversed());
    }

    /// Gives an operation the next moment, in the state that its answer speaks of.
    private List<Step> take(int index, Step step, long firstReturn) {
        Operation operation = operations.get(index);
        if (operation.kind() == Kind.WRITE) {
            return List.of(step.with(index, operation.value()));
        }
        if (isContradictory(operation)) {
            return List.of();
        }
        String needed = needed(operation);
        return reach(step, needed, firstReturn).stream()
                .map(reached -> reached.with(index, after(operation, needed)))
                .toList();
    }

    /// Whether no state at all would have given this answer.
    private static boolean isContradictory(Operation operation) {
        return switch (operation.kind()) {
            case READ, WRITE -> false;
            case REMOVE -> operation.applied() == (operation.seen() == null);
            case CREATE -> operation.applied() != (operation.seen() == null);
            case SWAP -> !operation.applied() && Objects.equals(operation.seen(), operation.expected());
        };
    }

    /// What the register must have held for the answer to be right.
    private static @Nullable String needed(Operation operation) {
        return operation.kind() == Kind.SWAP && operation.applied() ? operation.expected() : operation.seen();
    }

    private static @Nullable String after(Operation operation, @Nullable String state) {
        return switch (operation.kind()) {
            case READ -> state;
            case WRITE -> operation.value();
            case REMOVE -> null;
            case SWAP, CREATE -> operation.applied() ? operation.value() : state;
        };
    }

    /// All ways to a state by operations of unknown outcome, each of the fewest.
    private List<Step> reach(Step step, @Nullable String state, long firstReturn) {
        if (Objects.equals(step.state(), state)) {
            return List.of(step);
        }
        if (state == null) {
            return clear(step, firstReturn);
        }
        Integer writer = writers.get(state);
        if (writer == null || !isOpen(writer, step, firstReturn)) {
            return List.of();
        }
        Operation write = operations.get(writer);
        Step taken = step.with(writer, step.state());
        List<Step> before = switch (write.kind()) {
            case WRITE -> List.of(taken);
            case SWAP -> reach(taken, write.expected(), firstReturn);
            case CREATE -> reach(taken, null, firstReturn);
            case READ, REMOVE -> List.of();
        };
        return before.stream().map(reached -> new Step(reached.done(), state)).toList();
    }

    /// A value that expires goes by itself. Else the first that may have removed it will do as well as any
    /// other, or one that put another in its place which expired.
    private List<Step> clear(Step step, long firstReturn) {
        if (expiring.contains(step.state())) {
            return List.of(new Step(step.done(), null));
        }
        List<Step> cleared = new ArrayList<>();
        writers.keySet().stream()
                .filter(expiring::contains)
                .flatMap(value -> replace(step, value, firstReturn).stream())
                .forEach(replaced -> cleared.add(new Step(replaced.done(), null)));
        removers.stream()
                .filter(remover -> isOpen(remover, step, firstReturn))
                .findFirst()
                .ifPresent(remover -> cleared.add(step.with(remover, null)));
        return cleared;
    }

    /// Puts a value in the place of what is there, whatever it takes but a tombstone.
    private Optional<Step> replace(Step step, @Nullable String value, long firstReturn) {
        if (Objects.equals(step.state(), value)) {
            return Optional.of(step);
        }
        Integer writer = value == null ? null : writers.get(value);
        if (writer == null || !isOpen(writer, step, firstReturn)) {
            return Optional.empty();
        }
        Operation write = operations.get(writer);
        Step taken = step.with(writer, step.state());
        Optional<Step> before = switch (write.kind()) {
            case WRITE -> Optional.of(taken);
            case SWAP -> replace(taken, write.expected(), firstReturn);
            case CREATE, READ, REMOVE -> Optional.empty();
        };
        return before.map(replaced -> new Step(replaced.done(), value));
    }

    private boolean isOpen(int unknown, Step step, long firstReturn) {
        return !step.done().get(unknown) && operations.get(unknown).invokedAt() <= firstReturn;
    }
}
