package io.caskade.bitcask.store.copy;

import static io.caskade.bitcask.store.StoreOnDisk.COPY;
import static io.caskade.bitcask.store.StoreOnDisk.DIRECTORY;
import static io.caskade.bitcask.store.StoreOnDisk.bytes;
import static io.caskade.bitcask.store.StoreOnDisk.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.FormatsPage;
import io.caskade.bitcask.disk.FaultyDisk;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// The example of a `copy` file in `docs/formats.md`.
final class DocumentedCopyTest {

    private static final CopyState DOCUMENTED = new CopyState(
            UUID.fromString("5f0c2f6e-58a1-4d0b-9f7d-0d5b9f6a2c11"),
            List.of(UUID.fromString("0b0f4e0a-7f55-4f3a-8a46-1f2f6f1f9b77")),
            3,
            Durability.INTERVAL,
            "9e1c3a52",
            4710,
            Optional.of(4712L));

    @Test
    void theEngineWritesTheDocumentedText() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        disk.createDirectories(DIRECTORY);
        new CopyMetadataFile(disk, DIRECTORY).write(DOCUMENTED);
        assertThat(FormatsPage.block("copy")).isEqualTo(text(disk.bytesOf(COPY)));
    }

    @Test
    void theEngineReadsTheDocumentedText() throws IOException {
        FaultyDisk disk = FaultyDisk.holding(Map.of(COPY, bytes(FormatsPage.block("copy"))));
        assertThat(new CopyMetadataFile(disk, DIRECTORY).read()).contains(DOCUMENTED);
    }
}
