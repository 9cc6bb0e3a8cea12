package io.caskade.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.WriteBatch.Check;
import io.caskade.server.command.WriteBatch.Outcome;
import io.caskade.server.replica.RecordDraft;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchDecisionTest {

    private static final long NOW = 1_000_000;
    private static final long VERSION = 77;
    private static final long MAX_BYTES = 10_000;

    private static final Map<String, StoredRecord> RECORDS = Map.of(
            "held", new StoredRecord(bytes("value"), 12, NOW + 500), "counter", new StoredRecord(bytes("41"), 13, 0));

    private final List<String> lookedUp = new ArrayList<>();

    @Test
    void allCommandsAreWrittenInOrderWithVersionsThatFollowEachOther() {
        BatchDecision decision = decide(List.of(), put("a", "1"), put("b", "2"));

        assertThat(decision.drafts())
                .usingRecursiveComparison()
                .isEqualTo(List.of(
                        new RecordDraft.Put(bytes("a"), bytes("1"), 0),
                        new RecordDraft.Put(bytes("b"), bytes("2"), 0)));
        assertThat(versions(decision)).containsExactly(VERSION, VERSION + 1);
        assertThat(decision.result().applied()).isTrue();
    }

    @Test
    void aCheckThatDoesNotHoldIsNamedAndNothingIsWritten() {
        BatchDecision decision = decide(
                List.of(check("held", new Condition.Present()), check("counter", new Condition.Absent())),
                put("a", "1"));

        assertThat(decision.drafts()).isEmpty();
        assertThat(decision.result()).isEqualTo(new WriteBatch.Result(1, List.of()));
    }

    @Test
    void checksSayAbsentPresentOrAVersion() {
        assertThat(holds("held", new Condition.Present())).isTrue();
        assertThat(holds("none", new Condition.Present())).isFalse();
        assertThat(holds("none", new Condition.Absent())).isTrue();
        assertThat(holds("held", new Condition.Absent())).isFalse();
        assertThat(holds("held", new Condition.Version(12))).isTrue();
        assertThat(holds("held", new Condition.Version(11))).isFalse();
        assertThat(holds("none", new Condition.Version(12))).isFalse();
        assertThat(holds("none", new Condition.None())).isTrue();
    }

    @Test
    void nothingIsLookedUpBehindACheckThatDoesNotHold() {
        decide(
                List.of(check("held", new Condition.Absent()), check("counter", new Condition.Absent())),
                new Command.Increment(bytes("third"), 1));

        assertThat(lookedUp).containsExactly("held");
    }

    @Test
    void checksAreOfTheStateBeforeTheFirstCommand() {
        BatchDecision decision = decide(List.of(check("a", new Condition.Absent())), put("a", "1"));

        assertThat(decision.result().applied()).isTrue();
    }

    @Test
    void aCommandSeesWhatThoseBeforeItHaveWritten() {
        BatchDecision decision = decide(
                List.of(),
                new Command.Increment(bytes("counter"), 1),
                new Command.Increment(bytes("counter"), 1),
                new Command.CompareAndSet(
                        bytes("counter"), new Expectation.Version(VERSION + 1), bytes("x"), new Expiry.Never()));

        assertThat(numbers(decision)).containsExactly(42L, 43L, 0L);
        assertThat(done(decision, 2).applied()).isTrue();
        assertThat(decision.drafts()).hasSize(3);
    }

    @Test
    void aCommandSeesThatOneBeforeItHasRemovedTheKey() {
        BatchDecision decision = decide(
                List.of(),
                new Command.Delete(bytes("held"), new Condition.None()),
                new Command.Put(bytes("held"), bytes("new"), new Expiry.Keep(), new Condition.Absent()));

        assertThat(decision.drafts().getLast())
                .usingRecursiveComparison()
                .isEqualTo(new RecordDraft.Put(bytes("held"), bytes("new"), 0));
        assertThat(lookedUp).containsExactly("held");
    }

    @Test
    void aCommandThatWritesNothingTakesNoVersion() {
        BatchDecision decision = decide(List.of(), put("a", "1"), new Command.Persist(bytes("none")), put("b", "2"));

        assertThat(versions(decision)).containsExactly(VERSION, 0L, VERSION + 1);
        assertThat(decision.drafts()).hasSize(2);
    }

    @Test
    void aCommandWhoseValueIsWrongFailsAlone() {
        BatchDecision decision =
                decide(List.of(), put("a", "1"), new Command.Increment(bytes("held"), 1), put("b", "2"));

        assertThat(decision.result().applied()).isTrue();
        assertThat(decision.result().outcomes().get(1))
                .isEqualTo(new Outcome.Refused(Reason.WRONG_VALUE, "value is not an integer or out of range"));
        assertThat(decision.drafts()).hasSize(2);
        assertThat(done(decision, 2).version()).isEqualTo(VERSION + 1);
    }

    @Test
    void aBatchOfChecksAloneWritesNothing() {
        BatchDecision decision = decide(List.of(check("held", new Condition.Present())));

        assertThat(decision.drafts()).isEmpty();
        assertThat(decision.result()).isEqualTo(new WriteBatch.Result(-1, List.of()));
    }

    @Test
    void aPlainPutIsNotLookedUp() {
        decide(List.of(), put("held", "1"));

        assertThat(lookedUp).isEmpty();
    }

    /// Ten expiries may write ten large values again.
    @Test
    void whatABatchWritesIsBounded() {
        assertThatThrownBy(() -> decide(List.of(), put("a", "1".repeat(6_000)), put("b", "2".repeat(6_000))))
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.INVALID_ARGUMENT))
                .hasMessageContaining("storage.max-value-size");
    }

    @Test
    void whatABatchAnswersIsBounded() {
        Command[] swaps = new Command[1 + (int) MAX_BYTES / "value".length()];
        Arrays.fill(
                swaps,
                new Command.CompareAndSet(bytes("held"), new Expectation.Absent(), bytes("x"), new Expiry.Never()));

        assertThatThrownBy(() -> decide(List.of(), swaps)).hasMessageContaining("storage.max-value-size");
    }

    @Test
    void aBatchHasAsManyCommandsAsTheLimitsAllow() {
        Limits limits = new Limits(1_000);
        limits.check(new WriteBatch(List.of(), List.of(put("a", "1"))));

        assertThatThrownBy(() -> limits.check(new WriteBatch(List.of(), List.of())))
                .hasMessageContaining("a batch of 0 checks and commands");
        List<Command> many = new ArrayList<>();
        for (int i = 0; i < 10_001; i++) {
            many.add(put("a", "1"));
        }
        assertThatThrownBy(() -> limits.check(new WriteBatch(List.of(), many))).hasMessageContaining("10001");
        assertThatThrownBy(() -> limits.check(new WriteBatch(List.of(), List.of(put("a", "1".repeat(1_001))))))
                .hasMessageContaining("storage.max-value-size");
        assertThatThrownBy(() -> limits.check(
                        new WriteBatch(List.of(check("", new Condition.Absent())), List.of(put("a", "1")))))
                .hasMessageContaining("a key of 0 bytes");
    }

    private BatchDecision decide(List<Check> checks, Command... commands) {
        return BatchDecision.of(
                new WriteBatch(checks, List.of(commands)),
                key -> {
                    lookedUp.add(new String(key, UTF_8));
                    return RECORDS.get(new String(key, UTF_8));
                },
                NOW,
                VERSION,
                MAX_BYTES);
    }

    private boolean holds(String key, Condition condition) {
        return decide(List.of(check(key, condition))).result().applied();
    }

    private static Command.Result done(BatchDecision decision, int index) {
        return ((Outcome.Done) decision.result().outcomes().get(index)).result();
    }

    private static List<Long> versions(BatchDecision decision) {
        return decision.result().outcomes().stream()
                .map(outcome -> ((Outcome.Done) outcome).result().version())
                .toList();
    }

    private static List<Long> numbers(BatchDecision decision) {
        return decision.result().outcomes().stream()
                .map(outcome -> ((Outcome.Done) outcome).result().number())
                .toList();
    }

    private static Check check(String key, Condition condition) {
        return new Check(bytes(key), condition);
    }

    private static Command put(String key, String value) {
        return new Command.Put(bytes(key), bytes(value), new Expiry.Never(), new Condition.None());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
