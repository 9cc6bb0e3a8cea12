package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Expired records of a store that cannot log that they have expired.
final class UnloggedExpiryTest {

    private static final Path DIRECTORY = Path.of("/data");

    private final FaultyDisk disk = new FaultyDisk(1);
    private final ManualClock clock = new ManualClock();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Bitcask withARecordThatExpires(Durability durability) throws IOException {
        Bitcask store = Bitcask.open(
                DIRECTORY,
                Options.defaults()
                        .withSegmentBytes(1 << 20)
                        .withDurability(durability)
                        .withClock(clock)
                        .withDiskReserve(0)
                        .withMerges(new MergeOptions(false, 0.25, 0)),
                disk);
        store.put(bytes("expires"), bytes("1"), Duration.ofSeconds(1));
        store.put(bytes("stays"), bytes("2"));
        return store;
    }

    private static void requireExpired(Bitcask store) throws IOException {
        assertThat(store.get(bytes("expires"))).isNull();
        assertThat(store.get(bytes("stays"))).isNotNull();
        assertThat(store.scan(0, 10).entries())
                .isNotEmpty()
                .noneMatch(entry -> Arrays.equals(entry.key(), bytes("expires")));
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void onAFencedStoreTheyAreNotShown(Durability durability) throws IOException {
        Bitcask store = withARecordThatExpires(durability);
        disk.fail(Kind.SYNC, 1);
        assertThatThrownBy(() -> {
                    store.put(bytes("lost"), bytes("3"));
                    store.sync();
                })
                .isInstanceOf(IOException.class);
        clock.advance(2_000);
        requireExpired(store);
        clock.advance(-2_000);
        requireExpired(store);
        assertThatThrownBy(store::close).isInstanceOf(IOException.class);
    }

    @Test
    void onAFullDiskTheyAreNotShown() throws IOException {
        try (Bitcask store = withARecordThatExpires(Durability.SYNC)) {
            disk.setFreeBytes(0);
            fillTheRest(store);
            clock.advance(2_000);
            requireExpired(store);
            clock.advance(-2_000);
            requireExpired(store);
            disk.setFreeBytes(1 << 20);
        }
    }

    /// What the newest segment has reserved.
    private static void fillTheRest(Bitcask store) throws IOException {
        int size = 1 << 19;
        while (size > 0) {
            try {
                store.put(bytes("stays"), new byte[size]);
            } catch (IOException e) {
                assertThat(e).hasCauseInstanceOf(DiskFullException.class);
                size /= 2;
            }
        }
    }
}
