package io.caskade.bitcask.disk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// The bytes of one file of a [FaultyDisk]: those a process sees, those that would survive a power failure
/// for sure, and the changes between the two in the order they were made. Guarded by the disk.
final class Inode {

    /// What a disk writes as a whole.
    static final int SECTOR = 512;

    /// A write, or, without bytes, a truncation.
    private record Change(int at, byte @Nullable [] bytes, int sizeAfter) {

        boolean touches(int from, int to) {
            return bytes == null ? sizeAfter < to : at < to && at + bytes.length > from;
        }

        /// Does to an image what this change did to the bytes `[from, to)` of the file.
        void applyTo(byte[] image, int from, int to) {
            if (bytes == null) {
                int cut = Math.max(from, sizeAfter);
                if (cut < to) {
                    Arrays.fill(image, cut, to, (byte) 0);
                }
                return;
            }
            int first = Math.max(from, at);
            int last = Math.min(to, at + bytes.length);
            if (first < last) {
                System.arraycopy(bytes, first - at, image, first, last - first);
            }
        }
    }

    private byte[] seen = {};
    private int size;
    private byte[] durable = {};
    private final List<Change> unsynced = new ArrayList<>();
    private final List<MapOfFile> maps = new ArrayList<>();

    /// A map of the bytes from an offset on: it shows later writes, and nothing sensible once they are cut.
    private record MapOfFile(int from, byte[] bytes) {

        private static final byte CUT = (byte) 0xDB;

        void write(int at, byte[] written) {
            int first = Math.max(from, at);
            int last = Math.min(from + bytes.length, at + written.length);
            if (first < last) {
                System.arraycopy(written, first - at, bytes, first - from, last - first);
            }
        }

        void cut(int size) {
            Arrays.fill(bytes, Math.clamp(size - from, 0, bytes.length), bytes.length, CUT);
        }
    }

    /// How many changes are not in the list any more.
    private long settled;

    /// A file whose bytes are all synced.
    static Inode holding(byte[] bytes) {
        Inode inode = new Inode();
        inode.settle(bytes.clone());
        return inode;
    }

    int size() {
        return size;
    }

    byte[] bytes() {
        return Arrays.copyOf(seen, size);
    }

    byte[] durableBytes() {
        return durable.clone();
    }

    int read(ByteBuffer into, long position) {
        int length = Math.clamp(size - position, 0, into.remaining());
        if (length > 0) {
            into.put(seen, (int) position, length);
        }
        return length;
    }

    /// A map of the bytes `[from, from + length)`.
    ///
    /// @throws IllegalArgumentException when the file ends before: touching the rest would raise a signal
    byte[] map(int from, int length) {
        if (from + length > size) {
            throw new IllegalArgumentException(
                    "a map of " + length + " bytes from " + from + " on, of a file of " + size);
        }
        MapOfFile map = new MapOfFile(from, Arrays.copyOfRange(seen, from, from + length));
        maps.add(map);
        return map.bytes();
    }

    void write(int at, byte[] bytes) {
        int end = at + bytes.length;
        if (end > seen.length) {
            seen = Arrays.copyOf(seen, Math.max(end, 2 * seen.length));
        }
        System.arraycopy(bytes, 0, seen, at, bytes.length);
        maps.forEach(map -> map.write(at, bytes));
        size = Math.max(size, end);
        unsynced.add(new Change(at, bytes, size));
    }

    void truncate(int newSize) {
        if (newSize >= size) {
            return;
        }
        Arrays.fill(seen, newSize, size, (byte) 0);
        maps.forEach(map -> map.cut(newSize));
        size = newSize;
        unsynced.add(new Change(newSize, null, newSize));
    }

    /// How many changes have been made: what a sync that is asked for now has to cover.
    long changes() {
        return settled + unsynced.size();
    }

    /// Makes the first `count` of all changes last.
    void sync(long count) {
        List<Change> synced = unsynced.subList(0, Math.clamp(count - settled, 0, unsynced.size()));
        if (synced.isEmpty()) {
            return;
        }
        settled += synced.size();
        byte[] image = Arrays.copyOf(durable, reach(synced));
        synced.forEach(change -> change.applyTo(image, 0, image.length));
        durable = Arrays.copyOf(image, synced.getLast().sizeAfter());
        synced.clear();
    }

    /// A sync that fails: the changes stay to be seen, but are taken for written, so that no later sync
    /// brings them to the disk.
    void loseUnsynced() {
        settled = changes();
        unsynced.clear();
    }

    /// Loses all that is not synced.
    void loseAll() {
        settle(durable);
    }

    /// Loses what a power failure may lose: nothing, everything, all from some moment on, or, sector by
    /// sector, what was written after some moment that is another one for each sector and for the file's
    /// length.
    void losePart(Random random) {
        switch (random.nextInt(4)) {
            case 0 -> settle(durable);
            case 1 -> {
                sync(changes());
                settle(durable);
            }
            case 2 -> loseFrom(random);
            default -> loseSectors(random);
        }
    }

    private void loseFrom(Random random) {
        int kept = random.nextInt(unsynced.size() + 1);
        Change torn = kept < unsynced.size() ? unsynced.get(kept) : null;
        sync(settled + kept);
        if (torn != null && torn.bytes() != null) {
            int sectors = random.nextInt(torn.bytes().length / SECTOR + 1);
            int end = Math.min(torn.at() + torn.bytes().length, (torn.at() / SECTOR + sectors) * SECTOR);
            if (end > torn.at()) {
                byte[] image = Arrays.copyOf(durable, Math.max(durable.length, end));
                torn.applyTo(image, 0, end);
                durable = image;
            }
        }
        settle(durable);
    }

    private void loseSectors(Random random) {
        byte[] image = Arrays.copyOf(durable, reach(unsynced));
        for (int from = 0; from < image.length; from += SECTOR) {
            int sector = from;
            int to = Math.min(from + SECTOR, image.length);
            List<Change> touching = unsynced.stream()
                    .filter(change -> change.touches(sector, to))
                    .toList();
            int kept = random.nextInt(touching.size() + 1);
            touching.subList(0, kept).forEach(change -> change.applyTo(image, sector, to));
        }
        int moment = random.nextInt(unsynced.size() + 1);
        settle(Arrays.copyOf(
                image, moment == 0 ? durable.length : unsynced.get(moment - 1).sizeAfter()));
    }

    /// The furthest byte that the durable image and these changes touch.
    private int reach(List<Change> changes) {
        return Math.max(
                durable.length,
                changes.stream().mapToInt(Change::sizeAfter).max().orElse(0));
    }

    private void settle(byte[] bytes) {
        durable = bytes;
        seen = bytes.clone();
        size = bytes.length;
        maps.clear();
        loseUnsynced();
    }
}
