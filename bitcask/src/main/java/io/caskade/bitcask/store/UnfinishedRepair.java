package io.caskade.bitcask.store;

import io.caskade.bitcask.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;

/// The empty file `repairing`: while it is there, a repair is putting the files of a copy in the place of
/// others, and those that are there are partly of the one and partly of the other.
public final class UnfinishedRepair {

    private static final String NAME = "repairing";

    private UnfinishedRepair() {}

    /// Its place in a copy's directory.
    public static Path in(Path directory) {
        return directory.resolve(NAME);
    }

    /// What to tell who would use the copy.
    public static String message(Path directory) {
        return directory + ": a repair was broken off; run `caskade data repair` again, which finishes it";
    }

    static void refuse(Disk disk, Path directory) throws IOException {
        if (disk.exists(in(directory))) {
            throw new IOException(message(directory));
        }
    }
}
