package io.caskade.server.partition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.replica.RecordDraft;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class InFlightKeysTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private final InFlightKeys keys = new InFlightKeys();
    private final ByteBudget budget = new ByteBudget(1000);

    @Test
    void aKeyThatIsNotInFlightIsUnknown() {
        assertThat(keys.of(KEY)).isNull();
    }

    @Test
    void theNewestRecordInFlightCounts() {
        add(put("one"), 5);
        add(put("two"), 6);

        assertThat(valueInFlight()).isEqualTo("two");
    }

    @Test
    void aTombstoneInFlightReadsAsNoRecord() {
        add(new RecordDraft.Tombstone(KEY), 5);

        assertThat(keys.of(KEY)).isEqualTo(new InFlightKeys.State(null, 5));
    }

    @Test
    void aCommittedRecordIsForgottenUnlessANewerOneIsInFlight() {
        add(put("one"), 5);
        add(put("two"), 6);

        keys.removeUpTo(5);
        assertThat(valueInFlight()).isEqualTo("two");
        keys.removeUpTo(6);
        assertThat(keys.of(KEY)).isNull();
    }

    @Test
    void aRefusedRecordUncoversTheOneBefore() {
        add(put("one"), 5);
        add(put("two"), 6);

        keys.removeRefused(6);

        assertThat(valueInFlight()).isEqualTo("one");
    }

    @Test
    void allRecordsAreForgottenWhenTheCopyNoLongerLeads() {
        add(new RecordDraft.Tombstone(KEY), 5);

        keys.clear();

        assertThat(keys.of(KEY)).isNull();
        keys.removeUpTo(5);
    }

    @Test
    void recordsAreRefusedFromEitherEnd() {
        add(put("one"), 5);
        add(put("two"), 6);
        add(put("three"), 7);

        keys.removeRefused(5);
        assertThat(valueInFlight()).isEqualTo("three");
        keys.removeRefused(7);
        assertThat(valueInFlight()).isEqualTo("two");
        keys.removeRefused(6);
        assertThat(keys.of(KEY)).isNull();
    }

    @Test
    void theBytesOfARecordAreHeldUntilItIsCommittedOrRefusedOrForgotten() {
        ByteBudget.Hold committed = add(put("one"), 5);
        ByteBudget.Hold refused = add(put("two"), 6);
        ByteBudget.Hold forgotten = add(put("three"), 7);
        assertThat(budget.used()).isEqualTo(300);

        keys.removeUpTo(5);
        assertThat(committed.bytes()).isZero();
        keys.removeRefused(6);
        assertThat(refused.bytes()).isZero();
        keys.clear();
        assertThat(forgotten.bytes()).isZero();
        assertThat(budget.used()).isZero();
    }

    @Test
    void aBatchIsAddedAndRefusedAsAWhole() {
        add(put("one"), 5);
        ByteBudget.Hold hold = Objects.requireNonNull(budget.tryHold(100));
        keys.add(List.of(put("two"), put("three")), 6, hold);
        assertThat(keys.of(KEY)).extracting(InFlightKeys.State::sequence).isEqualTo(7L);
        assertThat(keys.hasBatchUpTo(5)).isFalse();
        assertThat(keys.hasBatchUpTo(7)).isTrue();

        keys.removeRefused(6, 2);

        assertThat(valueInFlight()).isEqualTo("one");
        assertThat(hold.bytes()).isZero();
        assertThat(keys.hasBatchUpTo(7)).isFalse();
    }

    @Test
    void aBatchIsForgottenWhenItIsCommitted() {
        ByteBudget.Hold hold = Objects.requireNonNull(budget.tryHold(100));
        keys.add(List.of(put("one"), put("two")), 5, hold);

        keys.removeUpTo(6);

        assertThat(keys.of(KEY)).isNull();
        assertThat(keys.hasBatchUpTo(6)).isFalse();
        assertThat(budget.used()).isZero();
    }

    private ByteBudget.Hold add(RecordDraft draft, long sequence) {
        ByteBudget.Hold hold = Objects.requireNonNull(budget.tryHold(100));
        keys.add(draft, sequence, hold);
        return hold;
    }

    private String valueInFlight() {
        InFlightKeys.State state = keys.of(KEY);
        return state == null || state.record() == null
                ? ""
                : new String(state.record().value(), UTF_8);
    }

    private static RecordDraft put(String value) {
        return new RecordDraft.Put(KEY, value.getBytes(UTF_8), 0);
    }
}
