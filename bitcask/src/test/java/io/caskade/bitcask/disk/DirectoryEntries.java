package io.caskade.bitcask.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The names in one directory of a [FaultyDisk]: those a process sees, those that would survive a power
/// failure for sure, and the changes between the two. Guarded by the disk.
final class DirectoryEntries {

    /// A file that had the name `from`, if any, has the name `to` now, if any. It is made as a whole or not
    /// at all.
    private record Change(@Nullable String from, @Nullable String to, Inode file) {

        /// A change that rests on another one that was lost is lost, too.
        void applyTo(Map<String, Inode> names) {
            if (from != null && !names.remove(from, file)) {
                return;
            }
            if (to != null) {
                names.put(to, file);
            }
        }
    }

    private final Map<String, Inode> seen = new TreeMap<>();
    private final Map<String, Inode> durable = new TreeMap<>();
    private final List<Change> unsynced = new ArrayList<>();

    @Nullable
    Inode get(String name) {
        return seen.get(name);
    }

    Map<String, Inode> all() {
        return seen;
    }

    Map<String, Inode> durable() {
        return durable;
    }

    void create(String name, Inode file) {
        change(new Change(null, name, file));
    }

    void rename(String from, String to, Inode file) {
        change(new Change(from, to, file));
    }

    void delete(String name, Inode file) {
        change(new Change(name, null, file));
    }

    private void change(Change change) {
        change.applyTo(seen);
        unsynced.add(change);
    }

    /// Makes all changes last.
    void sync() {
        unsynced.forEach(change -> change.applyTo(durable));
        unsynced.clear();
    }

    /// A sync that fails: no later one brings these changes to the disk.
    void loseUnsynced() {
        unsynced.clear();
    }

    /// Loses all that is not synced.
    void loseAll() {
        unsynced.clear();
        settle();
    }

    /// Loses what a power failure may lose: any of the changes, whatever their order.
    void losePart(Random random) {
        int kind = random.nextInt(4);
        int moment = random.nextInt(unsynced.size() + 1);
        for (int i = 0; i < unsynced.size(); i++) {
            boolean kept = switch (kind) {
                case 0 -> false;
                case 1 -> true;
                case 2 -> i < moment;
                default -> random.nextBoolean();
            };
            if (kept) {
                unsynced.get(i).applyTo(durable);
            }
        }
        loseAll();
    }

    private void settle() {
        seen.clear();
        seen.putAll(durable);
    }
}
