package io.caskade.server.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.disk.FaultyDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a node remembers of its lease grants across restarts.
class GrantedGraceTest {

    private static final Path DIRECTORY = Path.of("/node");

    private final FaultyDisk disk = new FaultyDisk(1);

    @BeforeEach
    void createDirectory() throws IOException {
        disk.createDirectories(DIRECTORY);
    }

    @Test
    void theFirstProcessHasNoPredecessor() throws IOException {
        assertThat(open(500).formerMillis()).isEqualTo(500);
    }

    @Test
    void aShorterGraceWaitsForTheLongerOneBeforeItWhateverHappensToTheMachine() throws IOException {
        open(6000);
        disk.powerFailure();

        assertThat(open(500).formerMillis()).isEqualTo(6000);
        disk.powerFailure();
        assertThat(open(500).formerMillis()).isEqualTo(6000);
    }

    @Test
    void aLongerGraceIsKeptBeforeAnythingIsGranted() throws IOException {
        open(500);

        assertThat(open(6000).formerMillis()).isEqualTo(500);

        disk.powerFailure();
        assertThat(open(500).formerMillis()).isEqualTo(6000);
    }

    @Test
    void theGraceOfEarlierProcessesIsForgottenOnceItHasPassed() throws IOException {
        open(6000);
        GrantedGrace second = open(500);

        second.forgetFormer();

        disk.powerFailure();
        assertThat(open(500).formerMillis()).isEqualTo(500);
    }

    @Test
    void nothingIsGrantedWhenTheDiskDoesNotTakeALongerGrace() throws IOException {
        open(500);
        disk.fail(FaultyDisk.Kind.SYNC, 1);

        assertThatThrownBy(() -> open(6000)).isInstanceOf(IOException.class);

        assertThat(open(500).formerMillis()).isEqualTo(500);
    }

    @Test
    void aFileThatCannotBeReadIsNamedWithWhatToDo() {
        disk.plant(DIRECTORY.resolve("grace"), "soon".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> open(500))
                .hasMessageContaining("/node/grace")
                .hasMessageContaining("write the longest replication.grace that the node has run with");
    }

    private GrantedGrace open(long own) throws IOException {
        return GrantedGrace.open(disk, DIRECTORY, own);
    }
}
