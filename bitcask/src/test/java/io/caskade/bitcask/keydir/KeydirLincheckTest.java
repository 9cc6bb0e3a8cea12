package io.caskade.bitcask.keydir;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/// Whatever one writer and several readers do at once could have been done one by one, by
/// [Lincheck](https://github.com/JetBrains/lincheck). Tables are so small that every few keys one is replaced,
/// and its pages are used again.
///
/// In stress mode: the model checker controls threads where bytecode shares memory, and does not see memory
/// outside the heap.
@Param(name = "key", gen = IntGen.class, conf = "1:12")
@Param(name = "location", gen = IntGen.class, conf = "1:3")
public class KeydirLincheckTest {

    private static final int PAGE_SLOTS = 4;
    private static final int MAX_PAGES_PER_SHARD = 2;
    private static final int OVERFLOW = 1;

    /// Lincheck makes many keydirs and closes none: those it is done with give their memory back.
    private static final int IN_USE = 100;

    private static final Queue<Keydir> KEYDIRS = new ArrayDeque<>();

    private final Keydir keydir = new Keydir(PAGE_SLOTS, MAX_PAGES_PER_SHARD, OVERFLOW);

    public KeydirLincheckTest() {
        synchronized (KEYDIRS) {
            KEYDIRS.add(keydir);
            if (KEYDIRS.size() > IN_USE) {
                KEYDIRS.remove().close();
            }
        }
    }

    @Operation(nonParallelGroup = "writer")
    public long put(@Param(name = "key") int key, @Param(name = "location") int location) {
        return keydir.put(KeydirTest.hash(key), location);
    }

    @Operation(nonParallelGroup = "writer")
    public long remove(@Param(name = "key") int key) {
        return keydir.remove(KeydirTest.hash(key));
    }

    @Operation(nonParallelGroup = "writer")
    public void clear() {
        keydir.clear();
    }

    @Operation
    public long find(@Param(name = "key") int key) {
        return keydir.find(KeydirTest.hash(key));
    }

    /// What a scan that begins where the key is says of it.
    @Operation
    public long scan(@Param(name = "key") int key) {
        KeyHash hash = KeydirTest.hash(key);
        KeydirPage page = keydir.scan(hash.high(), 1);
        return page.size() > 0 && page.hash(0).equals(hash) ? page.location(0) : Keydir.NONE;
    }

    /// What it is to be like.
    public static final class Specification {

        private final Map<Integer, Integer> locations = new HashMap<>();

        public long put(int key, int location) {
            Integer before = locations.put(key, location);
            return before == null ? Keydir.NONE : before;
        }

        public long remove(int key) {
            Integer before = locations.remove(key);
            return before == null ? Keydir.NONE : before;
        }

        public void clear() {
            locations.clear();
        }

        public long find(int key) {
            return locations.getOrDefault(key, (int) Keydir.NONE);
        }

        public long scan(int key) {
            return find(key);
        }
    }

    @Test
    void oneWriterAndTwoReadersAreLinearizable() {
        new StressOptions()
                .sequentialSpecification(Specification.class)
                .threads(3)
                .actorsBefore(6)
                .actorsPerThread(5)
                .actorsAfter(2)
                .iterations(8)
                .invocationsPerIteration(1_000)
                .check(KeydirLincheckTest.class);
    }
}
