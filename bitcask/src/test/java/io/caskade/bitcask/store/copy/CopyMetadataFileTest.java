package io.caskade.bitcask.store.copy;

import static io.caskade.bitcask.store.StoreOnDisk.COPY;
import static io.caskade.bitcask.store.StoreOnDisk.DIRECTORY;
import static io.caskade.bitcask.store.StoreOnDisk.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CopyMetadataFileTest {

    private static final CopyState OLD = new CopyState(
            UUID.fromString("00000000-0000-0000-0000-000000000001"),
            List.of(),
            3,
            Durability.SYNC,
            "boot-1",
            10,
            Optional.of(12L));
    private static final CopyState NEW = new CopyState(
            UUID.fromString("00000000-0000-0000-0000-000000000002"),
            List.of(OLD.id(), UUID.fromString("00000000-0000-0000-0000-000000000003")),
            3,
            Durability.INTERVAL,
            "",
            20,
            Optional.empty());

    private final FaultyDisk disk = new FaultyDisk(1);
    private final CopyMetadataFile file = new CopyMetadataFile(disk, DIRECTORY);

    @BeforeEach
    void createDirectory() throws IOException {
        disk.createDirectories(DIRECTORY);
    }

    @Test
    void aDirectoryWithoutTheFileHasNoState() throws IOException {
        assertThat(file.read()).isEmpty();
    }

    @Test
    void theStateRoundTrips() throws IOException {
        file.write(OLD);
        assertThat(file.read()).contains(OLD);
        file.write(NEW);
        assertThat(file.read()).contains(NEW);
        assertThat(disk.contents()).containsOnlyKeys(COPY);
    }

    @Test
    void aCrashAtAnyOperationLeavesTheOldOrTheNewFile() throws IOException {
        boolean stopped = true;
        for (int operation = 0; stopped; operation++) {
            for (int luck = 0; luck < 40; luck++) {
                FaultyDisk other = new FaultyDisk(luck);
                other.createDirectories(DIRECTORY);
                CopyMetadataFile crashing = new CopyMetadataFile(other, DIRECTORY);
                crashing.write(OLD);
                other.stopAt(operation);
                stopped = !writes(crashing, NEW, other);
                other.powerFailure(new Random(luck));
                Optional<CopyState> left = crashing.read();
                assertThat(left).as("operation %d, luck %d", operation, luck).isIn(Optional.of(OLD), Optional.of(NEW));
                if (!stopped) {
                    assertThat(left).as("luck %d", luck).contains(NEW);
                }
                crashing.write(NEW);
                assertThat(crashing.read()).contains(NEW);
            }
        }
    }

    private static boolean writes(CopyMetadataFile file, CopyState state, FaultyDisk disk) throws IOException {
        try {
            file.write(state);
            return true;
        } catch (IOException e) {
            if (!disk.isStopped()) {
                throw e;
            }
            return false;
        }
    }

    @Test
    void anErrorDuringReplacementKeepsTheOldFileAndTheNextWriteWorks() throws IOException {
        file.write(OLD);
        for (Kind kind : new Kind[] {Kind.CREATE, Kind.WRITE, Kind.SYNC, Kind.RENAME}) {
            disk.fail(kind, 1);
            assertThatThrownBy(() -> file.write(NEW)).as(kind.name()).hasMessageContaining("Input/output error");
            assertThat(file.read()).as(kind.name()).contains(OLD);
        }
        file.write(NEW);
        assertThat(file.read()).contains(NEW);
    }

    @Test
    void everyFlipOfEveryByteIsRefused() throws IOException {
        file.write(NEW);
        byte[] bytes = disk.bytesOf(COPY);
        for (int at = 0; at < bytes.length; at++) {
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                byte[] flipped = bytes.clone();
                flipped[at] ^= (byte) (1 << bit);
                disk.plant(COPY, flipped);
                assertThatThrownBy(file::read)
                        .as("bit %d of byte %d", bit, at)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(COPY.toString());
            }
        }
    }

    @Test
    void everyShorterLengthIsRefused() throws IOException {
        file.write(NEW);
        byte[] bytes = disk.bytesOf(COPY);
        for (int length = 0; length < bytes.length; length++) {
            disk.plant(COPY, Arrays.copyOf(bytes, length));
            assertThatThrownBy(file::read)
                    .as("%d bytes", length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    void anotherVersionIsRefusedByName() {
        plant("caskade-copy 2\nid x\n");
        assertThatThrownBy(file::read).hasMessageContaining("of format version 2");
    }

    @Test
    void aMissingLineIsNamed() {
        plant("caskade-copy 1\npartition 3\n");
        assertThatThrownBy(file::read).isInstanceOf(IOException.class).hasMessageContaining("no line `id`");
    }

    @Test
    void anUnparsableLineIsRefusedAndTheFileNamed() {
        plant("caskade-copy 1\nid 0-0-0-0-1\npartition three\ndurability SYNC\nboot \nwatermark 0\n");
        assertThatThrownBy(file::read)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(COPY.toString())
                .hasMessageContaining("three");
    }

    private void plant(String body) {
        CRC32C crc = new CRC32C();
        crc.update(bytes(body));
        disk.plant(COPY, bytes(body + "crc32c " + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n"));
    }
}
