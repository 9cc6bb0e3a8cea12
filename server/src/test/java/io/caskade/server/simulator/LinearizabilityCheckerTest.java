package io.caskade.server.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.simulator.LinearizabilityChecker.Verdict;
import io.caskade.server.simulator.Operation.Kind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LinearizabilityCheckerTest {

    private static final List<Kind> KINDS = List.of(Kind.values());

    @Test
    void readsAfterWritesAreLinearizable() {
        assertAccepted(write("a", 1, 2), read("a", 3, 4), write("b", 5, 6), read("b", 7, 8));
    }

    @Test
    void aReadMaySeeAConcurrentWriteOrNot() {
        assertAccepted(write("a", 1, 10), read(null, 2, 3), read("a", 4, 5));
    }

    @Test
    void aLaterReadDoesNotGoBack() {
        assertRejected(write("a", 1, 10), read("a", 2, 3), read(null, 4, 5));
    }

    @Test
    void aReadMustSeeAnAcknowledgedWrite() {
        assertRejected(write("a", 1, 2), read(null, 3, 4));
    }

    @Test
    void aReadMustNotSeeAnOverwrittenValue() {
        assertRejected(write("a", 1, 2), write("b", 3, 4), read("a", 5, 6));
    }

    @Test
    void aRefusedValueMustNotBeSeen() {
        assertRejected(read("never written", 1, 2));
    }

    @Test
    void aWriteOfUnknownOutcomeMayTakeEffectLate() {
        assertAccepted(unknown("a", 1), write("b", 2, 3), read("b", 4, 5), read("a", 6, 7));
    }

    @Test
    void aWriteOfUnknownOutcomeTakesEffectOnce() {
        assertRejected(unknown("a", 1), read("a", 2, 3), write("b", 4, 5), read("b", 6, 7), read("a", 8, 9));
    }

    @Test
    void aWriteOfUnknownOutcomeMayNeverTakeEffect() {
        assertAccepted(unknown("a", 1), read(null, 2, 3));
    }

    @Test
    void nothingTakesEffectBeforeItsInvocation() {
        assertRejected(read("a", 1, 2), unknown("a", 3));
    }

    @Test
    void onlyOneOfTwoSwapsFromTheSameValueSucceeds() {
        assertAccepted(write("a", 1, 2), swap("a", "b", true, "a", 3, 5), swap("a", "c", false, "b", 4, 6));
        assertRejected(write("a", 1, 2), swap("a", "b", true, "a", 3, 5), swap("a", "c", true, "a", 4, 6));
    }

    @Test
    void aSwapOfUnknownOutcomeMayRestOnAWriteOfUnknownOutcome() {
        Operation swap = new Operation(Kind.SWAP, "a", "b", false, 2, Operation.NEVER, false, null);

        assertAccepted(unknown("a", 1), swap, read("b", 3, 4));
        assertRejected(swap, read("b", 3, 4));
    }

    @Test
    void aFailedConditionMustMatchTheState() {
        assertAccepted(write("a", 1, 2), create("b", false, "a", 3, 4));
        assertRejected(create("b", false, "a", 1, 2));
        assertRejected(write("a", 1, 2), remove(false, null, 3, 4));
    }

    @Test
    void aTombstoneOfUnknownOutcomeExplainsAnAbsence() {
        assertAccepted(
                write("a", 1, 2),
                new Operation(Kind.REMOVE, null, null, false, 3, Operation.NEVER, false, null),
                read("a", 4, 5),
                read(null, 6, 7));
    }

    @Test
    void aValueThatExpiresMayBeGoneAtAnyTimeAfterItWasWritten() {
        assertAccepted(expiring("a", 1, 2), read("a", 3, 4), read(null, 5, 6), create("b", true, null, 7, 8));
        assertAccepted(expiring("a", 1, 2), remove(false, null, 3, 4));
        assertRejected(expiring("a", 1, 2), read("a", 3, 4), remove(true, null, 5, 6));
    }

    @Test
    void anExpiredValueNeverComesBack() {
        assertRejected(expiring("a", 1, 2), read(null, 3, 4), read("a", 5, 6));
        assertRejected(expiring("a", 1, 2), create("b", true, null, 3, 4), read("a", 5, 6));
    }

    @Test
    void aWriteOfUnknownOutcomeMayHaveReplacedAValueAndExpired() {
        Operation expiring = new Operation(Kind.WRITE, null, "b", true, 3, Operation.NEVER, false, null);
        assertAccepted(write("a", 1, 2), expiring, read(null, 5, 6));
        assertRejected(write("a", 1, 2), expiring, read(null, 5, 6), read("a", 7, 8));
    }

    @Test
    void aValueThatDoesNotExpireStays() {
        assertRejected(expiring("a", 1, 2), write("b", 3, 4), read(null, 5, 6));
    }

    @Test
    void theOrderOfTheHistorysRowsDoesNotMatter() {
        assertAccepted(read("b", 7, 8), write("b", 5, 6), read("a", 3, 4), write("a", 1, 2));
        assertRejected(read("a", 5, 6), write("b", 3, 4), write("a", 1, 2));
    }

    /// Histories of a few operations at random: most are wrong, and the checker finds the same ones wrong.
    @Test
    void theCheckerAgreesWithABruteForceSearch() {
        int accepted = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            List<Operation> history = random(new Random(seed));
            boolean expected = inSomeOrder(history, new BitSet(), null);
            assertThat(LinearizabilityChecker.check(history))
                    .as("seed %d: %s", seed, history)
                    .isEqualTo(expected ? Verdict.LINEARIZABLE : Verdict.NOT_LINEARIZABLE);
            accepted += expected ? 1 : 0;
        }
        assertThat(accepted).isBetween(2_000, 18_000);
    }

    private static List<Operation> random(Random random) {
        List<Operation> history = new ArrayList<>();
        int operations = 2 + random.nextInt(5);
        List<Long> moments = new ArrayList<>();
        for (long i = 1; i <= 2L * operations; i++) {
            moments.add(i);
        }
        for (int i = 0; i < operations; i++) {
            long from = moments.removeFirst();
            long to = moments.remove(random.nextInt(Math.min(4, moments.size())));
            history.add(random(random, "v" + i, from, random.nextInt(3) == 0 ? Operation.NEVER : to));
        }
        return history;
    }

    private static Operation random(Random random, String value, long from, long to) {
        Kind kind = KINDS.get(random.nextInt(KINDS.size()));
        String other = "v" + random.nextInt(4);
        String seen = random.nextInt(3) == 0 ? null : other;
        boolean known = to != Operation.NEVER;
        boolean applied = known && random.nextBoolean();
        boolean expires = random.nextInt(3) == 0;
        return switch (kind) {
            case READ -> new Operation(kind, null, null, false, from, to, known, known ? seen : null);
            case WRITE -> new Operation(kind, null, value, expires, from, to, known, null);
            case REMOVE -> new Operation(kind, null, null, false, from, to, applied, applied ? other : null);
            case CREATE ->
                new Operation(kind, null, value, expires, from, to, applied, known && !applied ? other : null);
            case SWAP -> {
                String expected = "v" + random.nextInt(4);
                String there = known && !applied && !other.equals(expected) ? other : null;
                yield new Operation(kind, expected, value, expires, from, to, applied, applied ? expected : there);
            }
        };
    }

    private static boolean inSomeOrder(List<Operation> history, BitSet done, @Nullable String state) {
        boolean complete = true;
        long firstReturn = Long.MAX_VALUE;
        for (int i = 0; i < history.size(); i++) {
            if (!done.get(i)) {
                complete &= history.get(i).isUnknown();
                firstReturn = Math.min(firstReturn, history.get(i).returnedAt());
            }
        }
        if (complete) {
            return true;
        }
        boolean mayExpire = history.stream().anyMatch(op -> op.expires() && Objects.equals(op.value(), state));
        if (state != null && mayExpire && inSomeOrder(history, done, null)) {
            return true;
        }
        for (int i = 0; i < history.size(); i++) {
            Operation operation = history.get(i);
            if (!done.get(i) && operation.invokedAt() <= firstReturn && isRight(operation, state)) {
                BitSet now = (BitSet) done.clone();
                now.set(i);
                if (inSomeOrder(history, now, after(operation, state))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isRight(Operation operation, @Nullable String state) {
        return operation.isUnknown()
                || switch (operation.kind()) {
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

    private static void assertAccepted(Operation... history) {
        assertThat(LinearizabilityChecker.check(List.of(history))).isEqualTo(Verdict.LINEARIZABLE);
    }

    private static void assertRejected(Operation... history) {
        assertThat(LinearizabilityChecker.check(Stream.of(history).toList())).isEqualTo(Verdict.NOT_LINEARIZABLE);
    }

    private static Operation write(String value, long from, long to) {
        return new Operation(Kind.WRITE, null, value, false, from, to, true, null);
    }

    private static Operation expiring(String value, long from, long to) {
        return new Operation(Kind.WRITE, null, value, true, from, to, true, null);
    }

    private static Operation unknown(String value, long from) {
        return new Operation(Kind.WRITE, null, value, false, from, Operation.NEVER, false, null);
    }

    private static Operation read(@Nullable String seen, long from, long to) {
        return new Operation(Kind.READ, null, null, false, from, to, true, seen);
    }

    private static Operation remove(boolean applied, @Nullable String seen, long from, long to) {
        return new Operation(Kind.REMOVE, null, null, false, from, to, applied, seen);
    }

    private static Operation create(String value, boolean applied, @Nullable String seen, long from, long to) {
        return new Operation(Kind.CREATE, null, value, false, from, to, applied, seen);
    }

    private static Operation swap(
            String expected, String value, boolean applied, @Nullable String seen, long from, long to) {
        return new Operation(Kind.SWAP, expected, value, false, from, to, applied, seen);
    }
}
