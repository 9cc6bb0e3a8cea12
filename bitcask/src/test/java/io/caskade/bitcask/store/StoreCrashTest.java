package io.caskade.bitcask.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import java.io.IOException;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Histories with crashes, against a plain map. A failure names the seed and the operations that replay it.
final class StoreCrashTest {

    private static final int SEEDS = 400;
    private static final int LIVES = 5;

    @ParameterizedTest
    @EnumSource(Durability.class)
    void randomHistoriesSurviveCrashesAtRandomOperations(Durability durability) {
        int merges = LongStream.range(0, SEEDS)
                .parallel()
                .mapToInt(seed -> merges(durability, seed))
                .sum();
        assertThat(merges).as("merges that came to their end").isGreaterThan(SEEDS);
    }

    /// Every other disk maps files.
    private static FaultyDisk disk(long seed) {
        FaultyDisk disk = new FaultyDisk(seed);
        if (seed % 2 == 0) {
            disk.mapFiles();
        }
        return disk;
    }

    private static int merges(Durability durability, long seed) {
        try {
            return playRandomly(durability, seed);
        } catch (AssertionError | IOException | RuntimeException e) {
            throw new AssertionError("durability " + durability + ", seed " + seed, e);
        }
    }

    private static int playRandomly(Durability durability, long seed) throws IOException {
        Random random = new Random(seed);
        FaultyDisk disk = disk(seed);
        CrashingStore store = new CrashingStore(disk, durability, random);
        store.open();
        for (int life = 0; life < LIVES; life++) {
            disk.stopAt(random.nextInt(80));
            stops(disk, () -> live(store, 60, random.nextBoolean()));
            crash(store, random);
            while (random.nextInt(3) == 0) {
                disk.stopAt(random.nextInt(10));
                stops(disk, store::open);
                crash(store, random);
            }
            store.open();
        }
        return store.merges();
    }

    private static void crash(CrashingStore store, Random random) {
        if (random.nextInt(3) == 0) {
            store.kill();
        } else {
            store.failPower(random);
        }
    }

    private static void live(CrashingStore store, int acts, boolean closes) throws IOException {
        for (int i = 0; i < acts; i++) {
            store.act();
        }
        if (closes) {
            store.closeCleanly();
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void aCrashAtAnyOperationOfAWorkloadKeepsSyncedRecords(Durability durability) throws IOException {
        long operation = 0;
        boolean stopped = true;
        while (stopped) {
            for (int luck = 0; luck < 6; luck++) {
                stopped = playStopping(durability, operation, luck);
            }
            operation++;
        }
        assertThat(operation).as("operations of the workload").isGreaterThan(60);
    }

    /// @return whether the workload was long enough for the disk to stop
    private static boolean playStopping(Durability durability, long operation, int luck) throws IOException {
        try {
            FaultyDisk disk = disk(luck);
            CrashingStore store = new CrashingStore(disk, durability, new Random(5));
            disk.stopAt(operation);
            boolean stopped = stops(disk, () -> {
                store.open();
                live(store, 60, true);
            });
            crash(store, new Random(luck));
            store.open();
            live(store, 5, true);
            store.open();
            return stopped;
        } catch (AssertionError | IOException | RuntimeException e) {
            throw new AssertionError(
                    "durability " + durability + ", stopped at operation " + operation + ", luck " + luck, e);
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void aCrashAtAnyOperationOfRecoveryKeepsSyncedRecords(Durability durability) {
        LongStream.range(0, 120).parallel().forEach(seed -> {
            boolean stopped = true;
            for (int operation = 0; stopped; operation++) {
                stopped = playStoppingRecovery(durability, seed, operation);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void aCrashAtAnyOperationOfACloseOrTheOpeningAfterItLosesNothing(Durability durability) {
        LongStream.range(0, 60).parallel().forEach(seed -> {
            boolean stopped = true;
            for (int operation = 0; stopped; operation++) {
                stopped = playStoppingReopening(durability, seed, operation);
            }
        });
    }

    /// Closes and opens with a stop at some operation, then writes, crashes and opens: what the first close has
    /// left must not be taken for what is there by then.
    private static boolean playStoppingReopening(Durability durability, long seed, int operation) {
        try {
            Random random = new Random(seed);
            FaultyDisk disk = disk(seed);
            CrashingStore store = new CrashingStore(disk, durability, random);
            store.open();
            live(store, 25, true);
            store.open();
            live(store, 3, false);
            disk.stopAt(operation);
            boolean stopped = stops(disk, () -> {
                store.closeCleanly();
                store.open();
            });
            disk.stopAt(Integer.MAX_VALUE);
            if (stopped) {
                crash(store, random);
                store.open();
            }
            assertThat(stopped || store.resumptions() == 2)
                    .as("the store is opened from its checkpoint")
                    .isTrue();
            live(store, 3, false);
            crash(store, random);
            store.open();
            return stopped;
        } catch (AssertionError | IOException | RuntimeException e) {
            throw new AssertionError(
                    "durability " + durability + ", seed " + seed + ", stopped at operation " + operation, e);
        }
    }

    private static boolean playStoppingRecovery(Durability durability, long seed, int operation) {
        try {
            Random random = new Random(seed);
            FaultyDisk disk = disk(seed);
            CrashingStore store = new CrashingStore(disk, durability, random);
            store.open();
            disk.stopAt(20 + random.nextInt(20));
            stops(disk, () -> live(store, 60, false));
            crash(store, random);
            disk.stopAt(operation);
            boolean stopped = stops(disk, store::open);
            crash(store, random);
            store.open();
            return stopped;
        } catch (AssertionError | IOException | RuntimeException e) {
            throw new AssertionError(
                    "durability " + durability + ", seed " + seed + ", recovery stopped at operation " + operation, e);
        }
    }

    /// Something that uses the disk.
    private interface Action {
        void run() throws IOException;
    }

    /// Does something during which the disk may stop.
    ///
    /// @return whether it did
    private static boolean stops(FaultyDisk disk, Action action) throws IOException {
        try {
            action.run();
        } catch (IOException e) {
            if (!disk.isStopped()) {
                throw e;
            }
        }
        return disk.isStopped();
    }
}
