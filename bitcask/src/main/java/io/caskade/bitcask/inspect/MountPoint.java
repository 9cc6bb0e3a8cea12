package io.caskade.bitcask.inspect;

import java.nio.file.Path;

/// Knows what the root of a file system holds when it is empty.
final class MountPoint {

    /// Where `fsck` puts what it finds.
    static final String LOST_AND_FOUND = "lost+found";

    private MountPoint() {}

    /// Whether the file system made a file or directory itself.
    static boolean isOfFileSystem(Path file) {
        return String.valueOf(file.getFileName()).equals(LOST_AND_FOUND);
    }
}
