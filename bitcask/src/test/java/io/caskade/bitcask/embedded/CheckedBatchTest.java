package io.caskade.bitcask.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.WriteBatch;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.embedded.CheckedBatch.Outcome;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOnDisk;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// What becomes of a batch that waited between its reads and its write.
final class CheckedBatchTest {

    private static final byte[] KEY = StoreOnDisk.bytes("key");

    private final BatchEncoder encoder = new BatchEncoder();

    private void append(Store store, Runnable records) throws IOException {
        encoder.start(1, store.end() + 1);
        records.run();
        store.append(encoder.group());
        StoreOnDisk.sync(store);
        store.commit(store.end());
    }

    @Test
    void aRecordWhoseExpiryWasLoggedMeanwhileDoesNotHold() throws IOException {
        Store store = StoreOnDisk.open(new FaultyDisk(1), Durability.SYNC, "");
        append(store, () -> {
            encoder.put(KEY, StoreOnDisk.bytes("old"), 1_000);
            encoder.endBatch();
        });
        WriteBatch batch = WriteBatch.builder()
                .checkVersion(KEY, 1)
                .put(KEY, StoreOnDisk.bytes("new"))
                .build();
        CheckedBatch waiting = new CheckedBatch(batch, store, 999);
        assertThat(waiting.outcome(store, null)).isEqualTo(Outcome.HOLDS);

        append(store, () -> encoder.mark(1_001, 1));

        assertThat(waiting.outcome(store, null)).isEqualTo(Outcome.FAILS);
    }
}
