package io.caskade.bitcask.store.copy;

import io.caskade.bitcask.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;

/// The empty file `repairing`: marks that a repair is replacing the files of a copy, so that the directory
/// holds a mix of old and new files.
public final class UnfinishedRepair {

    private static final String NAME = "repairing";

    private UnfinishedRepair() {}

    /// Its place in a copy's directory.
    public static Path in(Path directory) {
        return directory.resolve(NAME);
    }

    /// The message for a caller that tries to use the copy.
    public static String message(Path directory) {
        return directory + ": a repair was interrupted; run `caskade data repair` again to finish it";
    }

    static void refuse(Disk disk, Path directory) throws IOException {
        if (disk.exists(in(directory))) {
            throw new IOException(message(directory));
        }
    }
}
