package io.caskade.cli.migration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.cli.migration.MigrationState.Count;
import io.caskade.cli.process.CommandStreams;
import java.io.ByteArrayOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What a migration says of how far it is.
class MigrationProgressTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final MigrationState state = new MigrationState("0");
    private long nanos;

    private MigrationProgress progress(boolean json, boolean terminal) {
        return new MigrationProgress(
                new CommandStreams(
                        new ByteArrayOutputStream(),
                        new PrintWriter(new OutputStreamWriter(err, UTF_8), true),
                        json,
                        terminal),
                () -> nanos);
    }

    private void list(int keys, Duration time) {
        state.add(Count.LISTED, keys);
        nanos += time.toNanos();
    }

    @Test
    void rateAndTimeLeftAreThoseOfThisPhaseOfThisProcess() {
        MigrationProgress progress = progress(false, false);
        state.add(Count.LISTED, 1000);
        progress.moved(state, 0.2);
        list(2000, Duration.ofSeconds(20));

        progress.moved(state, 0.6);

        assertThat(err.toString(UTF_8)).isEqualTo("copying: 3,000 keys, 100/s, 60%, about 20s left\n");
    }

    @Test
    void withoutAFractionThereIsNoTimeLeft() {
        MigrationProgress progress = progress(false, false);
        progress.moved(state, Double.NaN);
        list(50, Duration.ofSeconds(10));

        progress.moved(state, Double.NaN);

        assertThat(err.toString(UTF_8)).isEqualTo("copying: 50 keys, 5/s\n");
    }

    @Test
    void linesAreFewWhereTheyCannotBeOverwritten() {
        MigrationProgress progress = progress(false, false);
        progress.moved(state, 0);
        for (int i = 0; i < 25; i++) {
            list(1, Duration.ofSeconds(1));
            progress.moved(state, i / 100.0);
        }

        assertThat(err.toString(UTF_8)).hasLineCount(2);
    }

    @Test
    void aTerminalsLineIsOverwritten() {
        MigrationProgress progress = progress(false, true);
        progress.moved(state, 0);
        list(10, Duration.ofSeconds(1));

        progress.moved(state, 0.5);

        assertThat(err.toString(UTF_8)).isEqualTo("\r\u001b[Kcopying: 10 keys, 10/s, 50%, about 1s left");
    }

    @Test
    void jsonHasNone() {
        MigrationProgress progress = progress(true, false);
        progress.moved(state, 0);
        list(10, Duration.ofSeconds(60));

        progress.moved(state, 0.5);

        assertThat(err.toString(UTF_8)).isEmpty();
    }
}
