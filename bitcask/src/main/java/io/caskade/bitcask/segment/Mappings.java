package io.caskade.bitcask.segment;

import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.Unmapper;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/// The memory maps of a segment's file: readers look at the newest, which the writer replaces as the file
/// grows.
///
/// Maps are given back when the segment takes no more records, and when it was merged away or closed: a deleted
/// file takes up space for as long as it is mapped. A reader that still holds one then gets an
/// [IllegalStateException].
final class Mappings {

    private final DiskFile file;

    /// Of the newest map and those it replaced; used by the writer, and by the last user.
    private @Nullable Arena arena;

    private volatile Mapping newest = Mapping.NONE;

    Mappings(DiskFile file) {
        this.file = file;
    }

    /// What readers look at: the file up to about its end.
    Mapping newest() {
        return newest;
    }

    /// Maps the file's first bytes, which it will outgrow.
    void grow(long bytes) {
        newest = Mapping.of(file, bytes, this::arena);
    }

    /// Maps the file's first bytes in place of all maps before.
    void seal(long bytes) {
        Arena replaced = arena;
        arena = null;
        newest = Mapping.of(file, bytes, this::arena);
        close(replaced);
    }

    /// Gives all maps back: bytes that the file loses must not be touched.
    void drop() {
        newest = Mapping.NONE;
        close(arena);
        arena = null;
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
