package io.caskade.server.simulator;

import io.caskade.server.simulator.Operation.Kind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides whether a history of one register is linearizable: whether each operation can be given one moment
/// between its invocation and its return so that all answers are right. An operation of unknown outcome may
/// have its moment at any time after its invocation, or never. A value that was written to expire may be gone
/// at any moment after that, for good: when it must be is not decided here.
///
/// The search of Wing and Gong, with Lowe's memory of the configurations that were tried
/// ([Testing for linearizability](https://www.cs.ox.ac.uk/people/gavin.lowe/LinearizabiltyTesting/)).
public final class LinearizabilityChecker {

    /// After so many configurations the search is given up.
    private static final int MOST_CONFIGURATIONS = 200_000;

    /// What was found out.
    public enum Verdict {
        LINEARIZABLE,
        NOT_LINEARIZABLE,
        UNDECIDED
    }

    private final List<Operation> operations;
    private final BitSet required = new BitSet();
    private final Set<String> expiring = new HashSet<>();
    private final Set<Step> tried = new HashSet<>();

    private LinearizabilityChecker(List<Operation> operations) {
        this.operations = operations;
        for (int i = 0; i < operations.size(); i++) {
            Operation operation = operations.get(i);
            required.set(i, !operation.isUnknown());
            if (operation.expires() && operation.value() != null) {
                expiring.add(operation.value());
            }
        }
    }

    /// Decides for operations in any order.
    public static Verdict check(List<Operation> history) {
        List<Operation> relevant = relevant(history);
        relevant.sort(Comparator.comparingLong(Operation::invokedAt));
        return new LinearizabilityChecker(relevant).search();
    }

    /// A read without an answer says nothing, and a write without one only if what it wrote was seen, or was
    /// swapped by one whose value was; but what expires leaves nothing behind and may have taken something's place.
    private static List<Operation> relevant(List<Operation> history) {
        List<Operation> relevant = new ArrayList<>(history.stream()
                .filter(operation -> !operation.isUnknown() || mayRemove(operation))
                .toList());
        List<Operation> open = new ArrayList<>(history);
        open.removeAll(relevant);
        boolean more = true;
        while (more) {
            List<Operation> noticed = open.stream()
                    .filter(operation -> relevant.stream().anyMatch(other -> showsValueOf(other, operation)))
                    .toList();
            relevant.addAll(noticed);
            open.removeAll(noticed);
            more = !noticed.isEmpty();
        }
        return relevant;
    }

    private static boolean mayRemove(Operation operation) {
        return operation.kind() == Kind.REMOVE || operation.expires();
    }

    private static boolean showsValueOf(Operation other, Operation write) {
        String value = write.value();
        boolean swapped = other.applied() || other.isUnknown();
        return value != null && (value.equals(other.seen()) || (swapped && value.equals(other.expected())));
    }

    /// Which operations have had their moment, and what the register holds then.
    private record Step(BitSet done, @Nullable String state) {}

    private Verdict search() {
        List<Step> open = new ArrayList<>();
        open.add(new Step(new BitSet(), null));
        while (!open.isEmpty()) {
            Step step = open.removeLast();
            if (isComplete(step.done())) {
                return Verdict.LINEARIZABLE;
            }
            if (tried.size() > MOST_CONFIGURATIONS) {
                return Verdict.UNDECIDED;
            }
            expand(step, open);
        }
        return Verdict.NOT_LINEARIZABLE;
    }

    private boolean isComplete(BitSet done) {
        BitSet missing = (BitSet) required.clone();
        missing.andNot(done);
        return missing.isEmpty();
    }

    /// An operation can be next if none that is still to come returned before it was invoked.
    private void expand(Step step, List<Step> open) {
        long firstReturn = Long.MAX_VALUE;
        for (int i = step.done().nextClearBit(0);
                i < operations.size();
                i = step.done().nextClearBit(i + 1)) {
            firstReturn = Math.min(firstReturn, operations.get(i).returnedAt());
        }
        List<Step> known = new ArrayList<>();
        for (int i = step.done().nextClearBit(0);
                i < operations.size();
                i = step.done().nextClearBit(i + 1)) {
            Operation operation = operations.get(i);
            if (operation.invokedAt() > firstReturn) {
                break;
            }
            List<Step> next = operation.isUnknown() ? open : known;
            take(i, step, step.state(), next);
            if (expiring.contains(step.state())) {
                take(i, step, null, next);
            }
        }
        open.addAll(known.reversed());
    }

    /// Gives an operation the next moment, if its answer is right in this state.
    private void take(int index, Step step, @Nullable String state, List<Step> next) {
        Operation operation = operations.get(index);
        if (isRight(operation, state)) {
            BitSet done = (BitSet) step.done().clone();
            done.set(index);
            Step taken = new Step(done, after(operation, state));
            if (tried.add(taken)) {
                next.add(taken);
            }
        }
    }

    /// Whether the answer is what the operation would have been told in this state.
    private static boolean isRight(Operation operation, @Nullable String state) {
        if (operation.isUnknown()) {
            return true;
        }
        return switch (operation.kind()) {
            case READ -> Objects.equals(operation.seen(), state);
            case WRITE -> true;
            case REMOVE -> operation.applied() == (state != null) && Objects.equals(operation.seen(), state);
            case CREATE -> operation.applied() == (state == null) && Objects.equals(operation.seen(), state);
            case SWAP ->
                operation.applied() == Objects.equals(operation.expected(), state)
                        && (operation.applied() || Objects.equals(operation.seen(), state));
        };
    }

    private static @Nullable String after(Operation operation, @Nullable String state) {
        return switch (operation.kind()) {
            case READ -> state;
            case WRITE -> operation.value();
            case REMOVE -> null;
            case SWAP -> Objects.equals(operation.expected(), state) ? operation.value() : state;
            case CREATE -> state == null ? operation.value() : state;
        };
    }
}
