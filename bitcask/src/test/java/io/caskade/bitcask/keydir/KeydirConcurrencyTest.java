package io.caskade.bitcask.keydir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One writer and several readers. A location holds its key's number, so that readers can tell whose it is.
@Timeout(120)
final class KeydirConcurrencyTest {

    private static final int STABLE = 20_000;
    private static final int COMING_AND_GOING = 400_000;
    private static final int VERSION_BITS = 20;

    private final Keydir keydir = new Keydir();
    private final AtomicBoolean done = new AtomicBoolean();

    private static long location(long key, long version) {
        return (key << VERSION_BITS) + version;
    }

    private static long keyOf(long location) {
        return location >>> VERSION_BITS;
    }

    /// Stable keys are updated but never removed; the others come and go, so that entries move and shards
    /// grow.
    private Long write() {
        Random random = new Random(1);
        long version = 1;
        for (int i = 0; i < COMING_AND_GOING; i++) {
            long key = STABLE + 1L + i;
            keydir.put(KeydirTest.hash(key), location(key, version));
            if (i % 4 == 3) {
                keydir.remove(KeydirTest.hash(STABLE + 1L + random.nextInt(i)));
            }
            if (i % 8 == 0) {
                version++;
                long stable = 1L + random.nextInt(STABLE);
                keydir.put(KeydirTest.hash(stable), location(stable, version));
            }
        }
        return version;
    }

    private Long lookUp(int seed) {
        Random random = new Random(seed);
        long found = 0;
        while (!done.get()) {
            long stable = 1L + random.nextInt(STABLE);
            long location = keydir.find(KeydirTest.hash(stable));
            if (keyOf(location) != stable) {
                throw new AssertionError("key " + stable + " is at " + location + ", seed " + seed);
            }
            long other = STABLE + 1L + random.nextInt(COMING_AND_GOING);
            location = keydir.find(KeydirTest.hash(other));
            if (location != Keydir.NONE && keyOf(location) != other) {
                throw new AssertionError("key " + other + " is at " + location + ", seed " + seed);
            }
            found++;
        }
        return found;
    }

    /// Each key's versions only grow for a reader.
    private Long lookUpInOrder(int seed) {
        Random random = new Random(seed);
        long[] newest = new long[STABLE + 1];
        long found = 0;
        while (!done.get()) {
            int stable = 1 + random.nextInt(STABLE);
            long location = keydir.find(KeydirTest.hash(stable));
            if (location < newest[stable]) {
                throw new AssertionError("key " + stable + " went back to " + location + ", seed " + seed);
            }
            newest[stable] = location;
            found++;
        }
        return found;
    }

    private Long scan(int most) {
        long scans = 0;
        do {
            BitSet seen = new BitSet();
            long position = 0;
            do {
                KeydirPage page = keydir.scan(position, most);
                for (int i = 0; i < page.size(); i++) {
                    int key = (int) keyOf(page.location(i));
                    if (seen.get(key)) {
                        throw new AssertionError("key " + key + " is listed twice, pages of " + most);
                    }
                    if (KeydirTest.hash(key).high() != page.position(i)) {
                        throw new AssertionError("key " + key + " is listed at a position that is not its own");
                    }
                    seen.set(key);
                }
                position = page.next();
            } while (position != 0);
            int missing = seen.nextClearBit(1);
            if (missing <= STABLE) {
                throw new AssertionError("key " + missing + " is not listed, pages of " + most);
            }
            scans++;
        } while (!done.get());
        return scans;
    }

    @Test
    void readersAndScansSeeEveryStayingKeyAtItsOwnLocation() throws Exception {
        for (int i = 1; i <= STABLE; i++) {
            keydir.put(KeydirTest.hash(i), location(i, 1));
        }
        List<Callable<Long>> readers =
                List.of(() -> lookUp(1), () -> lookUp(2), () -> lookUpInOrder(3), () -> scan(1_000), () -> scan(17));
        CountDownLatch started = new CountDownLatch(readers.size());
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Long>> results = new ArrayList<>();
            for (Callable<Long> reader : readers) {
                results.add(threads.submit(() -> {
                    started.countDown();
                    return reader.call();
                }));
            }
            try {
                started.await();
                assertThat(write()).isPositive();
            } finally {
                done.set(true);
            }
            for (Future<Long> result : results) {
                assertThat(result.get()).as("what a reader has done").isPositive();
            }
        }
    }

    /// Hashes with one upper half make one long run, all of which moves when its first entry comes or goes.
    @Test
    void movingEntriesAreNeverMissed() throws Exception {
        int run = 3_000;
        for (int i = 0; i <= run; i++) {
            keydir.put(new KeyHash(1, i), location(i, 1));
        }
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Long>> readers = new ArrayList<>();
            for (int seed = 0; seed < 2; seed++) {
                Random random = new Random(seed);
                readers.add(threads.submit(() -> {
                    long looked = 0;
                    while (!done.get()) {
                        int key = 1 + random.nextInt(run);
                        long location = keydir.find(new KeyHash(1, key));
                        if (location != location(key, 1)) {
                            throw new AssertionError("key " + key + " is at " + location);
                        }
                        looked++;
                    }
                    return looked;
                }));
            }
            try {
                for (int round = 0; round < 20_000; round++) {
                    keydir.remove(new KeyHash(1, 0));
                    keydir.put(new KeyHash(1, 0), location(0, 1));
                }
            } finally {
                done.set(true);
            }
            for (Future<Long> reader : readers) {
                assertThat(reader.get()).as("what a reader has done").isPositive();
            }
        }
    }

    @Test
    void aClearIsAtomic() throws Exception {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<Long> reader = threads.submit(() -> {
                long looked = 0;
                while (!done.get()) {
                    long location = keydir.find(KeydirTest.hash(1));
                    if (location != Keydir.NONE && keyOf(location) != 1) {
                        throw new AssertionError("key 1 is at " + location);
                    }
                    looked++;
                }
                return looked;
            });
            try {
                for (int round = 0; round < 200; round++) {
                    for (int i = 1; i <= 500; i++) {
                        keydir.put(KeydirTest.hash(i), location(i, round));
                    }
                    keydir.clear();
                    assertThat(keydir.find(KeydirTest.hash(1))).isEqualTo(Keydir.NONE);
                }
            } finally {
                done.set(true);
            }
            assertThat(reader.get()).isNotNegative();
        }
    }
}
