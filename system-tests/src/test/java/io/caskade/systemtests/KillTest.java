package io.caskade.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {

    private static final int ROUNDS = 4;
    private static final int SEED = 20;

    @TempDir
    private Path directory = Path.of("");

    private StandaloneFiles files = new StandaloneFiles(directory, directory, directory, 0, 0);

    @BeforeEach
    void writeFiles() throws Exception {
        files = StandaloneFiles.in(directory);
    }

    @Test
    void acknowledgedWritesSurviveRepeatedKillsUnderLoad() throws Exception {
        CountingWriters writers = new CountingWriters(files);
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            try (NodeProcess node = files.start()) {
                writers.assertNothingAcknowledgedIsMissing();
                writers.start();
                writers.awaitAcknowledgements(200 + random.nextInt(2000));
                node.kill();
                writers.end();
            }
        }
        try (NodeProcess node = files.start()) {
            writers.assertNothingAcknowledgedIsMissing();
            assertThat(node.terminate()).isZero();
        }
        System.out.println(writers.acknowledgements() + " acknowledged writes over " + ROUNDS + " kills, none lost");
    }

    @Test
    void aTerminatedNodeExitsWithSuccessAndLosesNothing() throws Exception {
        CountingWriters writers = new CountingWriters(files);
        try (NodeProcess node = files.start()) {
            writers.start();
            writers.awaitAcknowledgements(1000);

            assertThat(node.terminate()).as(node.logged()).isZero();
            writers.end();
        }
        try (NodeProcess node = files.start()) {
            writers.assertNothingAcknowledgedIsMissing();
            assertThat(node.terminate()).isZero();
        }
    }
}
