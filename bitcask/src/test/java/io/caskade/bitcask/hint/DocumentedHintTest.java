package io.caskade.bitcask.hint;

import static io.caskade.bitcask.log.LogOnDisk.DIRECTORY;
import static io.caskade.bitcask.log.LogOnDisk.PARTITION;
import static io.caskade.bitcask.log.LogOnDisk.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.FormatsPage;
import io.caskade.bitcask.HexDump;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogOnDisk;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.recovery.RecoverySink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The example of a hint in `docs/formats.md`: of the documented segment.
final class DocumentedHintTest {

    private static final KeyHasher HASHER =
            new KeyHasher("a secret that is 32 bytes long !".getBytes(StandardCharsets.US_ASCII));
    private static final LogOptions OPTIONS = new LogOptions(PARTITION, 200, Durability.SYNC);

    /// Takes records and hints alike.
    private static final class Sink implements RecoverySink {
        final List<String> seen = new ArrayList<>();

        @Override
        public void accept(ByteBuffer bytes, int at, long location) {
            seen.add(RecordFormat.sequence(bytes, at) + " read");
        }

        @Override
        public void accept(Hint hint, int segment) {
            seen.add(hint.base() + " to " + hint.last() + " at " + hint.time() + ", expiring from "
                    + hint.earliestExpiry());
            hint.forEach(
                    segment,
                    (kind, hash, location) -> seen.add(kind + " " + name(hash) + " " + Location.offset(location)));
        }

        private static String name(KeyHash hash) {
            for (String key : new String[] {"hello", "b"}) {
                if (HASHER.hash(key.getBytes(StandardCharsets.US_ASCII)).equals(hash)) {
                    return key;
                }
            }
            return "unknown";
        }
    }

    @Test
    void theEngineWritesTheDocumentedBytes() throws IOException {
        FaultyDisk disk = sealed();
        Log log = Log.open(disk, DIRECTORY, OPTIONS, 0, HASHER, new Sink());
        log.beginHint(4, HASHER).orElseThrow().run();
        byte[] hint = disk.bytesOf(HintFormat.pathFor(segment(1)));
        assertThat(FormatsPage.block("hint")).isEqualTo(HexDump.of(hint));
    }

    @Test
    void theEngineReadsTheDocumentedBytes() throws IOException {
        FaultyDisk disk = sealed();
        disk.plant(HintFormat.pathFor(segment(1)), HexDump.parse(FormatsPage.block("hint")));
        Sink sink = new Sink();
        Log log = Log.open(disk, DIRECTORY, OPTIONS, 0, HASHER, sink);
        assertThat(sink.seen)
                .containsExactly(
                        "1 to 4 at 1700000000000, expiring from 1700000060000",
                        "PUT hello 80",
                        "PUT b 122",
                        "TOMBSTONE hello 156",
                        "5 read");
        assertThat(log.epochs().starts()).containsExactly(new EpochHistory.Start(5, 1));
    }

    /// The documented segment and a newer one.
    private static FaultyDisk sealed() throws IOException {
        FaultyDisk disk = FaultyDisk.holding(Map.of(segment(1), HexDump.parse(FormatsPage.block("segment"))));
        LogOnDisk on = LogOnDisk.open(disk, 200, 0);
        on.put("b", "3");
        on.sync();
        return FaultyDisk.holding(disk.contents());
    }
}
