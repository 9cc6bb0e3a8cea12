package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.bitcask.inspect.Progress;
import io.caskade.bitcask.inspect.RepairMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One record whose bytes have changed on the disk, among others that are intact.
final class DamagedRecordTest {

    private static final Path DIRECTORY = Path.of("/data");
    private static final int KEYS = 10;

    private final FaultyDisk disk = new FaultyDisk(1);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Bitcask open(Durability durability) throws IOException {
        return Bitcask.open(
                DIRECTORY,
                Options.defaults()
                        .withSegmentBytes(1 << 20)
                        .withDurability(durability)
                        .withMerges(new MergeOptions(false, 0.25, 0)),
                disk);
    }

    private Bitcask filled(Durability durability) throws IOException {
        Bitcask store = open(durability);
        for (int i = 0; i < KEYS; i++) {
            store.put(bytes("key" + i), bytes("value" + i));
        }
        return store;
    }

    private void damage(String text) throws IOException {
        for (var file : disk.contents().entrySet()) {
            int at = new String(file.getValue(), StandardCharsets.ISO_8859_1).indexOf(text);
            if (at >= 0) {
                disk.damage(file.getKey(), at);
                return;
            }
        }
        throw new AssertionError(text + " is nowhere");
    }

    @Test
    void aScanRefusesItOrLeavesItOutAndNamesIt() throws IOException {
        try (Bitcask store = filled(Durability.SYNC)) {
            damage("value1");
            assertThatThrownBy(() -> scanAll(store, null)).isInstanceOf(DamagedLogException.class);

            List<DamagedLogException> damaged = new ArrayList<>();
            Set<String> values = scanAll(store, damaged);
            assertThat(values).hasSize(KEYS - 1).doesNotContain("value1");
            assertThat(damaged).hasSize(1);
            assertThat(damaged.getFirst().file().toString()).endsWith(".log");
            assertThat(damaged.getFirst().sequence()).isEqualTo(4);
        }
    }

    private static Set<String> scanAll(Bitcask store, @Nullable List<DamagedLogException> damaged) throws IOException {
        Set<String> values = new HashSet<>();
        long position = 0;
        do {
            ScanPage page = damaged == null ? store.scan(position, 1) : store.scan(position, 1, damaged::add);
            page.entries().forEach(entry -> values.add(new String(entry.value(), StandardCharsets.UTF_8)));
            position = page.next();
        } while (position != 0);
        return values;
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void itsKeyCanBeDeletedAndWrittenAgain(Durability durability) throws IOException {
        try (Bitcask store = filled(durability)) {
            damage("value1");
            damage("value2");
            assertThatThrownBy(() -> store.get(bytes("key1"))).isInstanceOf(DamagedLogException.class);
            store.delete(bytes("key1"));
            assertThat(store.get(bytes("key1"))).isNull();
            store.put(bytes("key2"), bytes("new"));
            Entry entry = store.get(bytes("key2"));
            assertThat(entry == null ? null : entry.value()).isEqualTo(bytes("new"));
            assertThat(store.size()).isEqualTo(KEYS - 1);
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void aSalvagedStoreTakesWritesInItsNewEpoch(Durability durability) throws IOException {
        filled(durability).close();
        damage("value5");
        try (OfflineCopy copy = OfflineCopy.take(DIRECTORY, disk)) {
            assertThat(copy.repair(RepairMode.SALVAGE, false, Progress.NONE).done())
                    .isTrue();
        }
        try (Bitcask store = open(durability)) {
            assertThat(store.size()).isEqualTo(KEYS - 1);
            store.put(bytes("key5"), bytes("again"));
            store.delete(bytes("key6"));
        }
        try (Bitcask store = open(durability)) {
            Entry entry = store.get(bytes("key5"));
            assertThat(entry == null ? null : entry.value()).isEqualTo(bytes("again"));
            assertThat(store.get(bytes("key6"))).isNull();
            byte[] four = bytes("value4");
            Entry kept = store.get(bytes("key4"));
            assertThat(kept != null && Arrays.equals(kept.value(), four)).isTrue();
        }
    }
}
