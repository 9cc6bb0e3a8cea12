package io.caskade.bitcask.keydir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Compares the keydir with a sorted map, for random hashes and for hashes chosen to collide.
final class KeydirTest {

    /// How hashes come about.
    enum Hashes {
        RANDOM {
            @Override
            KeyHash next(Random random) {
                return new KeyHash(random.nextLong(), random.nextLong());
            }
        },
        /// Few enough for keys to be met again.
        FEW {
            @Override
            KeyHash next(Random random) {
                return new KeyHash(random.nextInt(500) * 0x9e37_79b9_7f4a_7c15L, 0);
            }
        },
        SAME_HIGH_HALF {
            @Override
            KeyHash next(Random random) {
                return new KeyHash(0x1234_5678_9abc_def0L, random.nextInt(3_000));
            }
        },
        SAME_HIGHEST_HALF {
            @Override
            KeyHash next(Random random) {
                return new KeyHash(-1, random.nextInt(3_000));
            }
        },
        CLUSTERED {
            @Override
            KeyHash next(Random random) {
                long cluster = random.nextInt(4) * 0x4000_0000_0000_0000L + 0x3fff_ffff_ffff_f000L;
                return new KeyHash(cluster + random.nextInt(0x1000), random.nextInt(3));
            }
        },
        AT_THE_ENDS {
            @Override
            KeyHash next(Random random) {
                long[] ends = {0, 1, -1, -2, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 62};
                return new KeyHash(ends[random.nextInt(ends.length)], random.nextInt(40) - 20);
            }
        };

        abstract KeyHash next(Random random);
    }

    private static final Comparator<KeyHash> ORDER = (one, other) -> {
        int order = Long.compareUnsigned(one.high(), other.high());
        return order != 0 ? order : Long.compareUnsigned(one.low(), other.low());
    };

    @ParameterizedTest
    @EnumSource(Hashes.class)
    void theKeydirBehavesLikeASortedMap(Hashes hashes) {
        for (long seed = 0; seed < 8; seed++) {
            Random random = new Random(seed);
            Keydir keydir = new Keydir();
            TreeMap<KeyHash, Long> model = new TreeMap<>(ORDER);
            String where = hashes + ", seed " + seed;
            for (int step = 0; step < 12_000; step++) {
                act(keydir, model, hashes, random, where + ", step " + step);
            }
            assertSame(keydir, model, where);
        }
    }

    private static void act(Keydir keydir, Map<KeyHash, Long> model, Hashes hashes, Random random, String where) {
        KeyHash hash = hashes.next(random);
        int choice = random.nextInt(1_000);
        if (choice < 600) {
            long location = 1 + random.nextLong(Long.MAX_VALUE - 1);
            Long before = model.put(hash, location);
            assertThat(keydir.put(hash, location)).as(where).isEqualTo(before == null ? Keydir.NONE : before);
        } else if (choice < 800) {
            Long before = model.remove(hash);
            assertThat(keydir.remove(hash)).as(where).isEqualTo(before == null ? Keydir.NONE : before);
        } else if (choice < 997) {
            Long there = model.get(hash);
            assertThat(keydir.find(hash)).as(where).isEqualTo(there == null ? Keydir.NONE : there);
        } else if (choice < 999) {
            assertSame(keydir, model, where);
        } else if (random.nextInt(4) == 0) {
            keydir.clear();
            model.clear();
        }
    }

    private static void assertSame(Keydir keydir, Map<KeyHash, Long> model, String where) {
        assertThat(keydir.size()).as(where).isEqualTo(model.size());
        for (int most : new int[] {1, 2, 7, 100_000}) {
            assertThat(scan(keydir, most)).as("%s, pages of %d", where, most).isEqualTo(List.copyOf(model.values()));
        }
    }

    private static List<Long> scan(Keydir keydir, int most) {
        List<Long> locations = new ArrayList<>();
        long position = 0;
        do {
            KeydirPage page = keydir.scan(position, most);
            for (int i = 0; i < page.size(); i++) {
                locations.add(page.location(i));
                assertThat(Long.compareUnsigned(page.position(i), position)).isNotNegative();
            }
            assertThat(page.next() == 0 || Long.compareUnsigned(page.next(), position) > 0)
                    .as("a scan gets on")
                    .isTrue();
            position = page.next();
        } while (position != 0);
        return locations;
    }

    @Test
    void thousandsOfHashesThatDifferInTheirLastBitsOnlyDoNotExplodeTheDirectory() {
        Keydir keydir = new Keydir();
        int keys = 30_000;
        for (int i = 0; i < keys; i++) {
            keydir.put(new KeyHash(0xabcd_0000_0000_0000L, i), i + 1);
        }
        for (int i = 0; i < keys; i++) {
            assertThat(keydir.find(new KeyHash(0xabcd_0000_0000_0000L, i))).isEqualTo(i + 1);
        }
        assertThat(keydir.memoryBytes()).isLessThan(400L * keys);
    }

    @Test
    void twoMillionKeysTakeAtMostThirtyEightBytesEachAtAnySizeFromAHundredThousandOn() {
        int keys = 2_000_000;
        Keydir keydir = new Keydir();
        double worst = 0;
        int worstAt = 0;
        for (int i = 1; i <= keys; i++) {
            keydir.put(hash(i), i);
            if (i >= 100_000) {
                double perKey = (double) keydir.memoryBytes() / i;
                if (perKey > worst) {
                    worst = perKey;
                    worstAt = i;
                }
            }
        }
        assertThat(worst)
                .as("worst bytes a key, %.2f, with %d keys", worst, worstAt)
                .isLessThanOrEqualTo(38.0);
        assertThat(keydir.size()).isEqualTo(keys);
        for (int i = 1; i <= keys; i++) {
            if (keydir.find(hash(i)) != i) {
                assertThat(keydir.find(hash(i))).as("key %d", i).isEqualTo(i);
            }
        }
        assertThat(keydir.find(hash(keys + 1))).isEqualTo(Keydir.NONE);
        long position = 0;
        long listed = 0;
        long sum = 0;
        do {
            KeydirPage page = keydir.scan(position, 1_000);
            for (int i = 0; i < page.size(); i++) {
                listed++;
                sum += page.location(i);
            }
            position = page.next();
        } while (position != 0);
        assertThat(listed).isEqualTo(keys);
        assertThat(sum).isEqualTo((long) keys * (keys + 1) / 2);
    }

    @Test
    void locationsThatAreNotPositiveAreRefused() {
        Keydir keydir = new Keydir();
        for (long location : new long[] {0, -1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> keydir.put(hash(1), location)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(keydir.size()).isZero();
    }

    @Test
    void aPageOfNoKeysIsRefused() {
        assertThatThrownBy(() -> new Keydir().scan(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void clearGivesTheMemoryBack() {
        Keydir keydir = new Keydir();
        long empty = keydir.memoryBytes();
        for (int i = 1; i <= 50_000; i++) {
            keydir.put(hash(i), i);
        }
        keydir.clear();
        assertThat(keydir.memoryBytes()).isEqualTo(empty);
        assertThat(keydir.size()).isZero();
        assertThat(keydir.find(hash(7))).isEqualTo(Keydir.NONE);
        assertThat(keydir.scan(0, 10).size()).isZero();
    }

    @Test
    void anEmptyKeydirTakesOnePage() {
        try (Keydir keydir = new Keydir()) {
            assertThat(keydir.memoryBytes()).isLessThan(13_000);
        }
    }

    @Test
    void expectedKeysTakeTheirMemoryAtOnceAndNoMore() {
        for (int keys : new int[] {0, 1, 1_000, 100_000, 600_000}) {
            try (Keydir keydir = new Keydir()) {
                keydir.reserve(keys);
                long expected = keydir.memoryBytes();
                assertThat(expected).as("%d keys", keys).isLessThanOrEqualTo(20_000 + 38L * keys);
                for (int i = 1; i <= keys; i++) {
                    keydir.put(hash(i), i);
                }
                assertThat(keydir.memoryBytes()).as("%d keys", keys).isEqualTo(expected);
                assertThat(scan(keydir, 1_000)).as("%d keys", keys).hasSize(keys);
            }
        }
    }

    @Test
    void moreKeysThanExpectedAreAccepted() {
        try (Keydir keydir = new Keydir()) {
            keydir.reserve(5_000);
            for (int i = 1; i <= 50_000; i++) {
                keydir.put(hash(i), i);
            }
            assertThat(scan(keydir, 1_000)).hasSize(50_000).doesNotHaveDuplicates();
            assertThat(keydir.memoryBytes()).isLessThanOrEqualTo(40L * 50_000);
        }
    }

    @Test
    void aLateExpectationChangesNothing() {
        try (Keydir keydir = new Keydir()) {
            keydir.put(hash(1), 1);
            keydir.reserve(1_000_000);
            assertThat(keydir.find(hash(1))).isEqualTo(1);
            assertThat(keydir.memoryBytes()).isLessThan(13_000);
        }
    }

    @Test
    void removedKeysTakeNoMemory() {
        try (Keydir keydir = new Keydir()) {
            int there = 20_000;
            for (int i = 1; i <= 1_000_000; i++) {
                keydir.put(hash(i), i);
                if (i > there) {
                    keydir.remove(hash(i - there));
                }
            }
            assertThat(keydir.size()).isEqualTo(there);
            assertThat(keydir.memoryBytes()).isLessThanOrEqualTo(50L * there);
        }
    }

    @Test
    void aClosedKeydirRefusesEveryOperation() {
        Keydir keydir = new Keydir();
        keydir.put(hash(1), 1);
        keydir.close();
        keydir.close();
        assertThatThrownBy(() -> keydir.find(hash(1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> keydir.scan(0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> keydir.put(hash(1), 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> keydir.remove(hash(1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(keydir::clear).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> keydir.reserve(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theHasherIsKeyedByItsSecret() {
        byte[] one = new byte[KeyHasher.SECRET_BYTES];
        byte[] other = one.clone();
        other[0] = 1;
        byte[] key = {1, 2, 3};
        assertThat(new KeyHasher(one).hash(key)).isEqualTo(new KeyHasher(one.clone()).hash(key));
        assertThat(new KeyHasher(one).hash(key)).isNotEqualTo(new KeyHasher(other).hash(key));
        assertThatThrownBy(() -> new KeyHasher(new byte[31])).isInstanceOf(IllegalArgumentException.class);
        Map<KeyHash, Integer> seen = new TreeMap<>(ORDER);
        KeyHasher hasher = new KeyHasher(one);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = {(byte) i, (byte) (i >> 8), (byte) (i >> 16)};
            assertThat(seen.put(hasher.hash(bytes), i)).isNull();
        }
    }

    /// A hash as a keyed hash function makes them, the same for the same number.
    static KeyHash hash(long number) {
        return new KeyHash(mix(number), mix(number ^ 0x5555_5555_5555_5555L));
    }

    private static long mix(long number) {
        long z = number + 0x9e37_79b9_7f4a_7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return z ^ (z >>> 31);
    }
}
