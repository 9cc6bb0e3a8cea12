package io.caskade.bitcask.segment;

import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.Unmapper;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The memory maps of a segment's file: readers look at the newest, which the writer replaces as the file
/// grows.
///
/// A segment that takes records has two: its *head*, all records up to some time ago, and its *tail*, the
/// records since and the space that is preallocated for the next ones. A map must never be touched beyond the
/// file's end. So it is never longer than the file, and is cut before the file is.
///
/// Maps are given back when they are replaced, and when the segment was merged away or closed: a deleted file
/// takes up space for as long as it is mapped. A reader that still holds one then gets an
/// [IllegalStateException].
final class Mappings {

    private static final Logger LOG = LoggerFactory.getLogger(Mappings.class);

    /// How long the tail gets before it becomes part of the head: pages that are in a new map must be found
    /// again, so the head is not mapped again for each step of the tail.
    private static final int HEAD_STEP = 4 << 20;

    /// How far the records get beyond the tail where nothing is preallocated, until that is mapped, too.
    private static final int TAIL_STEP = 1 << 20;

    /// What readers look at; they lie side by side.
    private record View(Mapping head, Mapping tail) {

        static final View NONE = new View(Mapping.NONE, Mapping.NONE);

        long end() {
            return Math.max(head.end(), tail.end());
        }
    }

    private final DiskFile file;

    /// Of the newest maps and some that they replaced; used by the writer, and by the last user.
    private @Nullable Arena arena;

    /// Whether the system gave no map; it is not asked for one again until the segment is sealed.
    private boolean refused;

    private volatile View newest = View.NONE;

    Mappings(DiskFile file) {
        this.file = file;
    }

    /// The map in which the record at an offset is, if it is mapped.
    Mapping at(long offset) {
        View view = newest;
        return offset < view.head().end() ? view.head() : view.tail();
    }

    /// Whether the whole segment, which ends at an offset, is in one map, as [#seal] leaves it.
    boolean isSealed(long end) {
        return newest.head().has(end, 0);
    }

    /// Shows readers the space that was preallocated, in which the next records will be.
    ///
    /// @param preallocated the file's length
    void onPreallocated(long preallocated) {
        if (preallocated > newest.end()) {
            growTail(preallocated);
        }
    }

    /// Shows readers what was appended, if there is enough of it that they do not see yet.
    ///
    /// @param end of the records
    /// @param fileEnd at least as far
    void onAppended(long end, long fileEnd) {
        View view = newest;
        if (end - view.head().end() >= HEAD_STEP) {
            growHead(end, fileEnd);
        } else if (end - view.end() >= TAIL_STEP) {
            growTail(fileEnd);
        }
    }

    private void growTail(long to) {
        Mapping head = newest.head();
        map(head.end(), to).ifPresent(tail -> newest = new View(head, tail));
    }

    private void growHead(long end, long fileEnd) {
        Arena replaced = arena;
        arena = null;
        Optional<Mapping> head = map(0, end);
        if (head.isEmpty()) {
            close(arena);
            arena = replaced;
            return;
        }
        newest = new View(head.get(), fileEnd > end ? map(end, fileEnd).orElse(Mapping.NONE) : Mapping.NONE);
        close(replaced);
    }

    /// Maps the file's first bytes in place of all maps before.
    void seal(long bytes) {
        Arena replaced = arena;
        arena = null;
        refused = false;
        newest = new View(map(0, bytes).orElse(Mapping.NONE), Mapping.NONE);
        close(replaced);
    }

    /// Takes from the readers' sight what the file is about to lose.
    void cut(long end) {
        View view = newest;
        newest = new View(view.head().upTo(end), view.tail().upTo(end));
    }

    /// Gives all maps back.
    void drop() {
        newest = View.NONE;
        close(arena);
        arena = null;
    }

    private Optional<Mapping> map(long from, long to) {
        if (refused) {
            return Optional.empty();
        }
        try {
            return Mapping.of(file, from, to, this::arena);
        } catch (IOException e) {
            refused = true;
            LOG.warn("{}: cannot be mapped, reads of it are slower: {}", file.path(), e.getMessage());
            return Optional.empty();
        }
    }

    /// Opened only where the disk maps files: closing one is not free.
    private Arena arena() {
        Arena open = arena == null ? Arena.ofShared() : arena;
        arena = open;
        return open;
    }

    private static void close(@Nullable Arena replaced) {
        if (replaced != null) {
            Unmapper.close(replaced);
        }
    }
}
