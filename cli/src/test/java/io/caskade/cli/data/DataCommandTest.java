package io.caskade.cli.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Bitcask;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.Options;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandTest {

    @TempDir
    private Path directory = Path.of("");

    private Path copy = Path.of("");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void write() throws IOException {
        copy = directory.resolve("data");
        try (Bitcask store = Bitcask.open(copy, Options.defaults())) {
            store.put("hello".getBytes(UTF_8), "world".getBytes(UTF_8));
            store.put(new byte[] {(byte) 0xff}, new byte[] {0, (byte) 0x80});
            store.put("gone".getBytes(UTF_8), "1".getBytes(UTF_8));
            store.delete("gone".getBytes(UTF_8));
        }
    }

    private int run(String... words) {
        return run(false, words);
    }

    private int run(boolean terminal, String... words) {
        return run(terminal, false, words);
    }

    private int run(boolean terminal, boolean json, String... words) {
        out.reset();
        err.reset();
        try {
            return DataCommand.run(words, json, out, err, terminal);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void damage() throws IOException {
        Path segment = copy.resolve("00000000000000000001.log");
        byte[] bytes = Files.readAllBytes(segment);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("world");
        bytes[at] ^= 1;
        Files.write(segment, bytes);
    }

    @Test
    void anIntactCopyVerifies() {
        assertThat(run("verify", copy.toString())).isZero();
        assertThat(out.toString(UTF_8))
                .contains(": ok, 8 records up to 8 in 1 segments")
                .contains("opening: keeps all");
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void damageIsReportedAsTextAndAsJson() throws IOException {
        damage();
        assertThat(run("verify", copy.toString())).isEqualTo(1);
        assertThat(out.toString(UTF_8))
                .contains("damage ")
                .contains("00000000000000000001.log at offset 80, record 2: the record's checksum does not match")
                .contains("DAMAGED");
        assertThat(run("verify", "--json", copy.toString())).isEqualTo(1);
        assertThat(out.toString(UTF_8))
                .contains("\"damaged\":true")
                .contains("\"severity\":\"damage\"")
                .contains("\"sequence\":2")
                .endsWith("}\n");
    }

    @Test
    void aDumpPrintsOneObjectPerLine() {
        assertThat(run("dump", copy.toString())).isZero();
        String[] lines = out.toString(UTF_8).split("\n", -1);
        assertThat(lines).hasSize(9);
        assertThat(lines[0])
                .contains("\"sequence\":1")
                .contains("\"kind\":\"mark\"")
                .contains("\"highWatermark\":0");
        assertThat(lines[1]).contains("\"key\":\"hello\",\"value\":\"world\"");
        assertThat(lines[3]).contains("\"key\":{\"base64\":\"/w==\"},\"value\":{\"base64\":\"AIA=\"}");
        assertThat(run("dump", "--live", "--from", "3", copy.toString())).isZero();
        assertThat(out.toString(UTF_8).lines()).hasSize(1);
    }

    @Test
    void aRepairIsDryRunAndThenDone() throws IOException {
        damage();
        assertThat(run("repair", "--dry-run", copy.toString())).isEqualTo(1);
        assertThat(out.toString(UTF_8))
                .contains("would be lost: records 2 to 8")
                .contains("--salvage would also keep");
        assertThat(run("repair", "--salvage", copy.toString())).isEqualTo(1);
        assertThat(out.toString(UTF_8)).contains("lost: records 2 to 2").contains("the removed files are in");
        assertThat(run("verify", copy.toString())).isZero();
        assertThat(run("repair", copy.toString())).isZero();
        assertThat(out.toString(UTF_8)).contains("nothing to repair");
        try (Bitcask store = Bitcask.open(copy, Options.defaults())) {
            assertThat(store.size()).isEqualTo(1);
        }
    }

    @Test
    void aSnapshotIsRestoredOnlyToAnEmptyDirectory() throws IOException {
        Path snapshot = directory.resolve("snapshot");
        try (Bitcask store = Bitcask.open(copy, Options.defaults())) {
            store.snapshot(snapshot);
        }
        Path restored = directory.resolve("restored");
        assertThat(run("restore", snapshot.toString(), restored.toString())).isZero();
        assertThat(out.toString(UTF_8)).contains("restored up to record 8");
        try (Bitcask store = Bitcask.open(restored, Options.defaults())) {
            Entry entry = store.get("hello".getBytes(UTF_8));
            assertThat(entry == null ? new byte[0] : entry.value()).isEqualTo("world".getBytes(UTF_8));
        }
        assertThat(run("restore", snapshot.toString(), restored.toString())).isEqualTo(3);
        assertThat(err.toString(UTF_8)).contains("to an empty directory only");
    }

    @Test
    void aCopyThatWasSetAsideIsPutBackAndTheOtherSetAsideInTurn() throws IOException {
        Path aside = directory.resolve("data.aside-00000000-0000-0000-0000-000000000001");
        Files.move(copy, aside);
        Bitcask.open(copy, Options.defaults()).close();

        assertThat(run("reinstate", aside.toString())).isZero();

        assertThat(out.toString(UTF_8)).contains(": is " + copy.toAbsolutePath() + " again");
        try (Bitcask store = Bitcask.open(copy, Options.defaults())) {
            assertThat(store.get("hello".getBytes(UTF_8))).isNotNull();
        }
        assertThat(run("reinstate", aside.toString())).isEqualTo(2);
        assertThat(run("reinstate", copy.toString())).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("is not of the form NAME.aside-ID");
    }

    @Test
    void aNodesDataDirectoryNamesAllItsCopies() throws IOException {
        Path node = directory.resolve("node");
        for (int partition : new int[] {0, 2, 10}) {
            Path place = node.resolve("partitions").resolve(Integer.toString(partition));
            try (Bitcask store = Bitcask.open(place, Options.defaults())) {
                store.put(
                        "partition".getBytes(UTF_8), Integer.toString(partition).getBytes(UTF_8));
            }
        }
        assertThat(run("verify", node.toString())).isZero();
        assertThat(out.toString(UTF_8).lines())
                .extracting(line -> line.replaceAll(".*/partitions/(\\d+): ok.*", "$1"))
                .containsExactly("0", "2", "10");
    }

    @Test
    void aDirectoryInUseIsRefused() throws IOException {
        try (Bitcask store = Bitcask.open(copy, Options.defaults())) {
            assertThat(store.size()).isEqualTo(2);
            for (String command : new String[] {"verify", "dump", "repair"}) {
                assertThat(run(command, copy.toString())).as(command).isEqualTo(3);
                assertThat(err.toString(UTF_8)).contains("in use").contains("stop the node first");
            }
        }
    }

    /// As `key` and `value` are written by a clock that is years ahead, and `old` before.
    private void writeAhead() throws IOException {
        Instant now = Instant.now();
        try (Bitcask store = Bitcask.open(copy, Options.defaults())) {
            store.put("old".getBytes(UTF_8), "1".getBytes(UTF_8), Duration.ofHours(1));
        }
        InstantSource ahead = () -> now.plus(Duration.ofDays(3650));
        try (Bitcask store = Bitcask.open(copy, Options.defaults().withClock(ahead))) {
            store.put("new".getBytes(UTF_8), "2".getBytes(UTF_8), Duration.ofHours(2));
        }
    }

    @Test
    void theTimeOfALogThatIsAheadIsSetBack() throws IOException {
        writeAhead();
        assertThat(run("reset-time", copy.toString())).isZero();
        assertThat(out.toString(UTF_8)).contains("the log's time was 20").contains("has a new copy id");
        assertThat(run("verify", copy.toString())).isZero();
        Instant now = Instant.now();
        try (Bitcask store = Bitcask.open(copy, Options.defaults())) {
            assertThat(store.get("hello".getBytes(UTF_8))).isNotNull();
            for (String key : new String[] {"old", "new"}) {
                Entry entry = Objects.requireNonNull(store.get(key.getBytes(UTF_8)), key);
                assertThat(Instant.ofEpochMilli(entry.expiresAt()))
                        .as(key)
                        .isBetween(now.minusSeconds(60), now.plus(Duration.ofHours(2)));
            }
        }
        assertThat(run("reset-time", copy.toString())).isZero();
        assertThat(out.toString(UTF_8)).contains("nothing to set back");
    }

    @Test
    void theTimeOfADamagedLogIsNotTouched() throws IOException {
        writeAhead();
        damage();
        assertThat(run("reset-time", "--json", copy.toString())).isEqualTo(3);
        assertThat(err.toString(UTF_8)).contains("is damaged; repair it first");
        assertThat(run("reset-time", "--to", "yesterday", copy.toString())).isEqualTo(2);
    }

    @Test
    void pathsThatAreNoDataDirectoryAreReportedByKind() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        Path file = Files.createFile(directory.resolve("file"));
        assertThat(run("verify", empty.toString())).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("not a copy's directory");
        assertThat(run("verify", file.toString())).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("is not a directory");
        assertThat(run("verify", directory.resolve("nowhere").toString())).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("no such file or directory");
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void wrongUsageIsReportedWithAHint() {
        assertThat(run("verify")).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains("DIR").contains("caskade data --help");
        assertThat(run("frobnicate")).isEqualTo(2);
        assertThat(run("dump", "--from", "9", "--to", "3", copy.toString())).isEqualTo(2);
        assertThat(run()).isZero();
        assertThat(out.toString(UTF_8))
                .contains("verify")
                .contains("dump")
                .contains("repair")
                .contains("restore")
                .contains("Exit codes");
    }

    @Test
    void progressIsShownOnlyAtATerminal() {
        assertThat(run(true, "verify", copy.toString())).isZero();
        assertThat(err.toString(UTF_8)).contains("100% of");
        assertThat(run(false, "verify", copy.toString())).isZero();
        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void jsonMayBeRequestedBeforeTheCommand() {
        assertThat(run(false, true, "verify", copy.toString())).isZero();
        assertThat(out.toString(UTF_8)).startsWith("{\"directory\":");
    }
}
