package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// Links files under a second name, or copies them where links are not possible.
public final class FileCopies {

    private static final int CHUNK = 1 << 20;

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
