package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;

/// Links files under a second name, or copies them where links are not possible.
public final class FileCopies {

    private static final int CHUNK = 1 << 20;

    /// What the log takes for left over, should the process end meanwhile.
    private static final String NEW_SUFFIX = ".new";

    private FileCopies() {}

    /// Links an immutable file under another name, or makes a synced copy of it.
    ///
    /// @return whether it was linked
    public static boolean linkOrCopy(Disk disk, Path file, Path name) throws IOException {
        if (disk.link(file, name)) {
            return true;
        }
        try (DiskFile from = disk.openForReading(file)) {
            copy(disk, from, from.size(), name);
        }
        return false;
    }

    /// Gives a name a file of its own, synced, if its file has other names: a file that another directory has,
    /// too, must not be changed. Files that are open stay what they were.
    ///
    /// @return whether the name has another file now
    public static boolean detach(Disk disk, Path name) throws IOException {
        if (disk.countNames(name) <= 1) {
            return false;
        }
        Path own = name.resolveSibling(name.getFileName() + NEW_SUFFIX);
        if (disk.exists(own)) {
            disk.delete(own);
        }
        boolean copied = false;
        try (DiskFile shared = disk.openForReading(name)) {
            copy(disk, shared, shared.size(), own);
            copied = true;
        } finally {
            if (!copied && disk.exists(own)) {
                disk.delete(own);
            }
        }
        disk.rename(own, name);
        disk.syncDirectory(Objects.requireNonNull(name.getParent()));
        return true;
    }

    /// Makes a synced copy of a file's first bytes.
    public static void copy(Disk disk, DiskFile from, long bytes, Path name) throws IOException {
        try (DiskFile to = disk.create(name)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(Math.clamp(bytes, 1, CHUNK));
            for (long at = 0; at < bytes; at += chunk.limit()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), bytes - at));
                if (from.read(chunk, at) < chunk.limit()) {
                    throw new IOException(from.path() + ": ends before byte " + bytes + ", which was to be copied");
                }
                to.write(chunk.flip(), at);
            }
            to.sync();
        }
    }
}
