package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a store holds of the system: a file that was deleted takes up space for as long as it is open or
/// mapped.
@Timeout(120)
final class HeldFilesTest {

    private static final int KEYS = 100;
    private static final int VALUE_BYTES = 20_000;
    private static final Options OPTIONS = Options.defaults()
            .withSegmentBytes(5 << 20)
            .withDurability(Durability.NONE)
            .withScrub(Duration.ofDays(1), 0)
            .withMerges(new MergeOptions(false, 0.25, 0));

    @TempDir
    private Path directory = Path.of("");

    @BeforeEach
    void needsLinux() {
        ProcessFiles.assumeKnown();
    }

    private static byte[] key(int i) {
        return ("key" + i).getBytes(StandardCharsets.UTF_8);
    }

    private static void overwriteAll(Bitcask store, int rounds) throws IOException {
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < KEYS; i++) {
                store.put(key(i), new byte[VALUE_BYTES]);
            }
        }
    }

    private static void readAll(Bitcask store) throws IOException {
        for (int i = 0; i < KEYS; i++) {
            assertThat(store.get(key(i))).isNotNull();
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void aMergeGivesTheSpaceBackWithoutAGarbageCollection(Durability durability) throws IOException {
        try (Bitcask store = Bitcask.open(directory, OPTIONS.withDurability(durability))) {
            overwriteAll(store, 15);
            readAll(store);
            store.merge();
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                assertThat(ProcessFiles.maps(directory)).noneMatch(line -> line.endsWith("(deleted)"));
                assertThat(ProcessFiles.descriptors(directory)).noneMatch(file -> file.endsWith("(deleted)"));
            });
            readAll(store);
        }
    }

    @Test
    void aClosedStoreHoldsNothing() throws IOException {
        try (Bitcask store = Bitcask.open(directory, OPTIONS)) {
            overwriteAll(store, 5);
        }
        assertThat(ProcessFiles.descriptors(directory)).isEmpty();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(ProcessFiles.maps(directory)).isEmpty());
    }

    @Test
    void aSealedSegmentNeedsNoOpenFile() throws IOException {
        try (Bitcask store = Bitcask.open(directory, OPTIONS)) {
            overwriteAll(store, 30);
            store.sync();
            requireFewDescriptors();
            readAll(store);
            requireFewDescriptors();
            store.merge();
            readAll(store);
            requireFewDescriptors();
        }
        try (Bitcask store = Bitcask.open(directory, OPTIONS)) {
            overwriteAll(store, 10);
            store.sync();
            readAll(store);
            requireFewDescriptors();
        }
    }

    /// Of the newest segment, its directory and its lock; but none of the many full ones. A hint may be under
    /// way.
    private void requireFewDescriptors() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(ProcessFiles.descriptors(directory)).hasSizeLessThanOrEqualTo(4));
    }

    @Test
    void readersDoNotNoticeThatMapsAreGivenBack() throws Exception {
        try (Bitcask store = Bitcask.open(directory, OPTIONS);
                ExecutorService threads = Executors.newCachedThreadPool()) {
            overwriteAll(store, 1);
            AtomicBoolean done = new AtomicBoolean();
            List<Future<Integer>> readers = new ArrayList<>();
            for (int reader = 0; reader < 3; reader++) {
                int seed = reader;
                readers.add(threads.submit(() -> readUntil(store, done, new Random(seed))));
            }
            try {
                for (int round = 0; round < 10; round++) {
                    overwriteAll(store, 5);
                    store.merge();
                }
            } finally {
                done.set(true);
            }
            for (Future<Integer> each : readers) {
                assertThat(each.get()).isPositive();
            }
        }
    }

    private static int readUntil(Bitcask store, AtomicBoolean done, Random random) throws IOException {
        int reads = 0;
        while (!done.get()) {
            Entry entry = store.get(key(random.nextInt(KEYS)));
            assertThat(entry).isNotNull();
            reads++;
        }
        return reads;
    }
}
