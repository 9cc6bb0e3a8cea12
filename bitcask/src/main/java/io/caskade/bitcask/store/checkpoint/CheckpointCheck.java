package io.caskade.bitcask.store.checkpoint;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.store.copy.CopyState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Verifies the checkpoint of a copy that is not open.
public final class CheckpointCheck {

    /// The file's name in the copy's directory.
    public static final String NAME = CheckpointFile.NAME;

    private CheckpointCheck() {}

    /// Reads the whole checkpoint that a copy's state names.
    ///
    /// @return what is wrong with it; empty when it is intact or none is named
    public static Optional<String> findFault(Disk disk, Path directory, CopyState copy) {
        Optional<Integer> checksum = copy.checkpoint();
        if (checksum.isEmpty()) {
            return Optional.empty();
        }
        try (CheckpointReader reader = new CheckpointFile(disk, directory).open(checksum.get(), copy.partition())) {
            reader.verify();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
