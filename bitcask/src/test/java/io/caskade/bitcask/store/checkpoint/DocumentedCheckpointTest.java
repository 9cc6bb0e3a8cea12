package io.caskade.bitcask.store.checkpoint;

import static io.caskade.bitcask.store.StoreOnDisk.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.FormatsPage;
import io.caskade.bitcask.HexDump;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOnDisk;
import io.caskade.bitcask.store.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// The example of a checkpoint in `docs/formats.md`: of the documented segment, of which two records are
/// committed.
final class DocumentedCheckpointTest {

    private static final Path DIRECTORY = Path.of("/copy");
    private static final Path CHECKPOINT = DIRECTORY.resolve("checkpoint");
    private static final StoreOptions OPTIONS = new StoreOptions(
            new LogOptions(3, 1 << 20, Durability.SYNC),
            new KeyHasher("a secret that is 32 bytes long !".getBytes(StandardCharsets.US_ASCII)),
            0,
            "",
            UUID::randomUUID);

    @Test
    void theEngineWritesTheDocumentedBytes() throws IOException {
        assertThat(HexDump.of(written().bytesOf(CHECKPOINT))).isEqualTo(FormatsPage.block("checkpoint"));
    }

    @Test
    void theEngineReadsTheDocumentedBytes() throws IOException {
        FaultyDisk disk = written();
        disk.plant(CHECKPOINT, HexDump.parse(FormatsPage.block("checkpoint")));
        Store store = Store.open(disk, DIRECTORY, OPTIONS);
        assertThat(store.isFromCheckpoint()).isTrue();
        assertThat(store.highWatermark()).isEqualTo(2);
        assertThat(StoreOnDisk.contents(store)).isEqualTo(Map.of("hello", "world"));
        store.commit(4);
        assertThat(StoreOnDisk.contents(store)).isEqualTo(Map.of("b", "2"));
    }

    private static FaultyDisk written() throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        Store store = Store.open(disk, DIRECTORY, OPTIONS);
        BatchEncoder encoder = new BatchEncoder();
        encoder.start(5, 1);
        encoder.mark(1_700_000_000_000L, 0);
        encoder.put(bytes("hello"), bytes("world"), 1_700_000_060_000L);
        encoder.endBatch();
        encoder.put(bytes("b"), bytes("2"), 0);
        encoder.tombstone(bytes("hello"));
        encoder.endBatch();
        store.append(encoder.group());
        store.commit(2);
        store.closeCleanly();
        return disk;
    }
}
