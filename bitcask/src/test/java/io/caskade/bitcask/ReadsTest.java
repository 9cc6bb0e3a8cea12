package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.disk.FaultyDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What readers are given: how much at a time, and whose arrays.
final class ReadsTest {

    private static final Path DIRECTORY = Path.of("/data");
    private static final int LARGE = 3 << 20;

    private final FaultyDisk disk = new FaultyDisk(1);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Bitcask open(long cacheBytes) throws IOException {
        return Bitcask.open(
                DIRECTORY, Options.defaults().withDurability(Durability.NONE).withCacheBytes(cacheBytes), disk);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 64 << 20})
    void aPageOfLargeValuesEndsEarly(long cacheBytes) throws IOException {
        int count = 20;
        try (Bitcask store = open(cacheBytes)) {
            for (int i = 0; i < count; i++) {
                store.put(bytes("key" + i), new byte[LARGE]);
            }
            int listed = 0;
            int pages = 0;
            long position = 0;
            do {
                ScanPage page = store.scan(position, 1000);
                assertThat(page.entries().stream()
                                .mapToLong(entry -> entry.value().length)
                                .sum())
                        .isLessThanOrEqualTo(16 << 20);
                listed += page.entries().size();
                pages++;
                position = page.next();
            } while (position != 0);
            assertThat(listed).isEqualTo(count);
            assertThat(pages).isLessThanOrEqualTo(6);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1 << 20})
    void whoChangesAnArrayChangesItForNobodyElse(long cacheBytes) throws IOException {
        try (Bitcask store = open(cacheBytes)) {
            store.put(bytes("key"), bytes("value"));
            for (int i = 0; i < 3; i++) {
                Entry got = Objects.requireNonNull(store.get(bytes("key")));
                requireIntact(got);
                spoil(got);
                Entry listed = store.scan(0, 10).entries().getFirst();
                requireIntact(listed);
                spoil(listed);
            }
        }
    }

    private static void requireIntact(Entry entry) {
        assertThat(entry.key()).isEqualTo(bytes("key"));
        assertThat(entry.value()).isEqualTo(bytes("value"));
    }

    private static void spoil(Entry entry) {
        Arrays.fill(entry.key(), (byte) 0);
        Arrays.fill(entry.value(), (byte) 0);
    }
}
