package io.caskade.bitcask.store.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.FormatsPage;
import io.caskade.bitcask.HexDump;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SecretFileTest {

    private static final Path DIRECTORY = Path.of("/data");
    private static final Path FILE = DIRECTORY.resolve("secret");

    private final FaultyDisk disk = new FaultyDisk(1);

    @BeforeEach
    void createDirectory() throws IOException {
        disk.createDirectories(DIRECTORY);
    }

    @Test
    void everyDirectoryHasItsOwnLastingSecret() throws IOException {
        byte[] secret = SecretFile.readOrCreate(disk, DIRECTORY);
        assertThat(SecretFile.readOrCreate(disk, DIRECTORY)).isEqualTo(secret);
        FaultyDisk other = new FaultyDisk(1);
        other.createDirectories(DIRECTORY);
        assertThat(SecretFile.readOrCreate(other, DIRECTORY)).isNotEqualTo(secret);
        assertThat(disk.contents()).containsOnlyKeys(FILE);
    }

    @Test
    void aDamagedSecretIsReplaced() throws IOException {
        byte[] secret = SecretFile.readOrCreate(disk, DIRECTORY);
        byte[] whole = disk.bytesOf(FILE);
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 4;
            for (byte[] bad : new byte[][] {flipped, Arrays.copyOf(whole, at), Arrays.copyOf(whole, at + 50)}) {
                disk.plant(FILE, bad);
                byte[] fresh = SecretFile.readOrCreate(disk, DIRECTORY);
                assertThat(fresh).isNotEqualTo(secret);
                assertThat(SecretFile.readOrCreate(disk, DIRECTORY)).isEqualTo(fresh);
            }
        }
    }

    /// Secrets are random: that the documented one is read says that it is what would be written.
    @Test
    void theEngineReadsTheDocumentedBytes() throws IOException {
        disk.plant(FILE, HexDump.parse(FormatsPage.block("secret")));
        assertThat(SecretFile.readOrCreate(disk, DIRECTORY))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("a secret that is 32 bytes long !");
    }

    @Test
    void aSecretThatCannotBeWrittenServesUntilTheStoreIsClosed() {
        for (Kind kind : new Kind[] {Kind.CREATE, Kind.WRITE, Kind.SYNC, Kind.RENAME}) {
            disk.fail(kind, 1);
            assertThat(SecretFile.readOrCreate(disk, DIRECTORY)).hasSize(32);
        }
    }
}
