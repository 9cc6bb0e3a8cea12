package io.caskade.server.partition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.replica.RecordDraft;
import org.junit.jupiter.api.Test;

class InFlightKeysTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private final InFlightKeys keys = new InFlightKeys();

    @Test
    void aKeyThatIsNotInFlightIsUnknown() {
        assertThat(keys.of(KEY)).isNull();
    }

    @Test
    void theNewestRecordInFlightCounts() {
        keys.add(put("one"), 5);
        keys.add(put("two"), 6);

        assertThat(valueInFlight()).isEqualTo("two");
    }

    @Test
    void aTombstoneInFlightReadsAsNoRecord() {
        keys.add(new RecordDraft.Tombstone(KEY), 5);

        assertThat(keys.of(KEY)).isEqualTo(new InFlightKeys.State(null, 5));
    }

    @Test
    void aCommittedRecordIsForgottenUnlessANewerOneIsInFlight() {
        keys.add(put("one"), 5);
        keys.add(put("two"), 6);

        keys.committedUpTo(5);
        assertThat(valueInFlight()).isEqualTo("two");
        keys.committedUpTo(6);
        assertThat(keys.of(KEY)).isNull();
    }

    @Test
    void aRefusedRecordUncoversTheOneBefore() {
        keys.add(put("one"), 5);
        keys.add(put("two"), 6);

        keys.refused(6);

        assertThat(valueInFlight()).isEqualTo("one");
    }

    @Test
    void allRecordsAreForgottenWhenTheCopyNoLongerLeads() {
        keys.add(new RecordDraft.Tombstone(KEY), 5);

        keys.clear();

        assertThat(keys.of(KEY)).isNull();
        keys.committedUpTo(5);
    }

    @Test
    void recordsAreRefusedFromEitherEnd() {
        keys.add(put("one"), 5);
        keys.add(put("two"), 6);
        keys.add(put("three"), 7);

        keys.refused(5);
        assertThat(valueInFlight()).isEqualTo("three");
        keys.refused(7);
        assertThat(valueInFlight()).isEqualTo("two");
        keys.refused(6);
        assertThat(keys.of(KEY)).isNull();
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
