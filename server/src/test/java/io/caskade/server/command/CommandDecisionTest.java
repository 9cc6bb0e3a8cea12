package io.caskade.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.replica.RecordDraft;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandDecisionTest {

    private static final byte[] KEY = bytes("key");
    private static final long NOW = 1_000_000;
    private static final long VERSION = 77;
    private static final StoredRecord HELD = new StoredRecord(bytes("held"), 12, 0);
    private static final StoredRecord HELD_FOR_A_WHILE = new StoredRecord(bytes("held"), 12, NOW + 500);

    @Test
    void aPlainPutIsAlwaysApplied() {
        assertThat(put(new Condition.None(), new Expiry.Never(), HELD).result().applied())
                .isTrue();
        assertThat(put(new Condition.None(), new Expiry.Never(), null).result().version())
                .isEqualTo(VERSION);
    }

    @Test
    void aPutIfAbsentIsAppliedOnlyWhenThereIsNoRecord() {
        assertThat(put(new Condition.Absent(), new Expiry.Never(), null).draft())
                .isNotNull();
        CommandDecision refused = put(new Condition.Absent(), new Expiry.Never(), HELD);
        assertThat(refused.draft()).isNull();
        assertThat(refused.result().applied()).isFalse();
        assertThat(refused.result().found()).isTrue();
    }

    @Test
    void aPutIfPresentIsAppliedOnlyWhenThereIsARecord() {
        assertThat(put(new Condition.Present(), new Expiry.Never(), HELD).draft())
                .isNotNull();
        assertThat(put(new Condition.Present(), new Expiry.Never(), null).draft())
                .isNull();
    }

    @Test
    void aPutOfAVersionIsAppliedOnlyToThatVersion() {
        assertThat(put(new Condition.Version(12), new Expiry.Never(), HELD).draft())
                .isNotNull();
        assertThat(put(new Condition.Version(11), new Expiry.Never(), HELD).draft())
                .isNull();
        assertThat(put(new Condition.Version(11), new Expiry.Never(), null).draft())
                .isNull();
    }

    @Test
    void aTimeToLiveCountsFromTheLeadersTime() {
        assertThat(expiresAt(put(new Condition.None(), new Expiry.After(250), null)))
                .isEqualTo(NOW + 250);
    }

    @Test
    void aTimeToLiveThatOverflowsIsCappedAtTheLatestTime() {
        assertThat(expiresAt(put(new Condition.None(), new Expiry.After(Long.MAX_VALUE), null)))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aPlainPutDropsTheExpiryAndAKeepingOneKeepsIt() {
        assertThat(expiresAt(put(new Condition.None(), new Expiry.Never(), HELD_FOR_A_WHILE)))
                .isZero();
        assertThat(expiresAt(put(new Condition.None(), new Expiry.Keep(), HELD_FOR_A_WHILE)))
                .isEqualTo(NOW + 500);
    }

    @Test
    void anExpiryInThePastRemovesTheRecord() {
        assertThat(decide(new Command.Expire(KEY, new Expiry.At(NOW)), HELD).draft())
                .isInstanceOf(RecordDraft.Tombstone.class);
    }

    @Test
    void expireKeepsTheValueAndNeedsARecord() {
        CommandDecision decision = decide(new Command.Expire(KEY, new Expiry.After(100)), HELD);
        assertThat(value(decision)).isEqualTo("held");
        assertThat(expiresAt(decision)).isEqualTo(NOW + 100);

        assertThat(decide(new Command.Expire(KEY, new Expiry.After(100)), null)
                        .result()
                        .found())
                .isFalse();
    }

    @Test
    void persistIsAppliedOnlyToARecordThatExpires() {
        assertThat(expiresAt(decide(new Command.Persist(KEY), HELD_FOR_A_WHILE)))
                .isZero();
        assertThat(decide(new Command.Persist(KEY), HELD).draft()).isNull();
        assertThat(decide(new Command.Persist(KEY), null).draft()).isNull();
    }

    @Test
    void deleteWritesATombstoneOnlyWhenThereIsARecord() {
        assertThat(decide(new Command.Delete(KEY, new Condition.None()), HELD).draft())
                .isInstanceOf(RecordDraft.Tombstone.class);
        assertThat(decide(new Command.Delete(KEY, new Condition.None()), null).draft())
                .isNull();
    }

    @Test
    void aMissingCounterStartsAtZero() {
        CommandDecision decision = decide(new Command.Increment(KEY, -3), null);

        assertThat(value(decision)).isEqualTo("-3");
        assertThat(decision.result().number()).isEqualTo(-3);
    }

    @Test
    void aCounterKeepsItsExpiry() {
        StoredRecord counter = new StoredRecord(bytes("41"), 12, NOW + 500);

        CommandDecision decision = decide(new Command.Increment(KEY, 1), counter);

        assertThat(value(decision)).isEqualTo("42");
        assertThat(expiresAt(decision)).isEqualTo(NOW + 500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "one", "+1", "01", " 1", "1 ", "-0", "9223372036854775808", "1.0"})
    void aValueThatIsNotAPlainNumberCannotBeIncremented(String value) {
        assertThatThrownBy(() -> decide(new Command.Increment(KEY, 1), new StoredRecord(bytes(value), 12, 0)))
                .isInstanceOf(CommandRefusedException.class)
                .hasMessageContaining("not an integer");
    }

    @Test
    void aCounterDoesNotOverflow() {
        StoredRecord greatest = new StoredRecord(bytes(Long.toString(Long.MAX_VALUE)), 12, 0);

        assertThatThrownBy(() -> decide(new Command.Increment(KEY, 1), greatest))
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.OVERFLOW));
    }

    @Test
    void aCompareAndSetIsAppliedToTheExpectedValue() {
        assertThat(swap(new Expectation.Value(bytes("held")), HELD).draft()).isNotNull();
        assertThat(swap(new Expectation.Version(12), HELD).draft()).isNotNull();
        assertThat(swap(new Expectation.Absent(), null).draft()).isNotNull();
    }

    @Test
    void aFailedCompareAndSetReturnsTheCurrentValue() {
        CommandDecision decision = swap(new Expectation.Value(bytes("other")), HELD);

        assertThat(decision.draft()).isNull();
        assertThat(decision.result().current()).isEqualTo(HELD);
        assertThat(swap(new Expectation.Absent(), HELD).result().current()).isEqualTo(HELD);
        assertThat(swap(new Expectation.Version(1), null).result().current()).isNull();
    }

    private static CommandDecision put(Condition condition, Expiry expiry, @Nullable StoredRecord record) {
        return decide(new Command.Put(KEY, bytes("new"), expiry, condition), record);
    }

    private static CommandDecision swap(Expectation expected, @Nullable StoredRecord record) {
        return decide(new Command.CompareAndSet(KEY, expected, bytes("new"), new Expiry.Never()), record);
    }

    private static CommandDecision decide(Command command, @Nullable StoredRecord record) {
        return CommandDecision.of(command, record, NOW, VERSION);
    }

    private static long expiresAt(CommandDecision decision) {
        assertThat(decision.draft()).isInstanceOf(RecordDraft.Put.class);
        return decision.draft() instanceof RecordDraft.Put put ? put.expiresAt() : -1;
    }

    private static String value(CommandDecision decision) {
        assertThat(decision.draft()).isInstanceOf(RecordDraft.Put.class);
        return decision.draft() instanceof RecordDraft.Put put ? new String(put.value(), UTF_8) : "";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
