package io.caskade.bitcask.inspect;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.FileCopies;
import io.caskade.bitcask.hint.HintCheck;
import io.caskade.bitcask.store.copy.CopyMetadataFile;
import io.caskade.bitcask.store.copy.CopyState;
import io.caskade.bitcask.store.copy.SecretFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/// Creates a copy's directory from another one, which stays unchanged. All segments but the newest are linked
/// where possible. The file `copy` comes last, and without it nothing opens.
final class Restore {

    private final Disk disk;
    private final Path source;
    private int linkedFiles;
    private long copiedBytes;

    Restore(OfflineCopy copy) {
        this.disk = copy.disk();
        this.source = copy.directory();
    }

    RestoreReport run(Path target, SalvageScan scan, CopyState state, long end, UUID id) throws IOException {
        if (disk.exists(target) && !disk.list(target).stream().allMatch(MountPoint::isOfFileSystem)) {
            throw new FileAlreadyExistsException(
                    target.toString(), null, "a copy is restored to an empty directory only");
        }
        disk.createDirectories(target);
        List<Path> segments = scan.segments();
        for (Path segment : segments) {
            if (segment.equals(segments.getLast())) {
                copy(segment, target);
            } else {
                link(segment, target);
                link(HintCheck.hintOf(segment), target);
            }
        }
        link(source.resolve(SecretFile.NAME), target);
        disk.syncDirectory(target);
        new CopyMetadataFile(disk, target).write(state.restored(id, end));
        return new RestoreReport(end, linkedFiles, copiedBytes, id);
    }

    private void link(Path file, Path target) throws IOException {
        if (!disk.exists(file)) {
            return;
        }
        if (FileCopies.linkOrCopy(disk, file, target.resolve(String.valueOf(file.getFileName())))) {
            linkedFiles++;
        } else {
            try (DiskFile copied = disk.openForReading(file)) {
                copiedBytes += copied.size();
            }
        }
    }

    private void copy(Path file, Path target) throws IOException {
        try (DiskFile from = disk.openForReading(file)) {
            FileCopies.copy(disk, from, from.size(), target.resolve(String.valueOf(file.getFileName())));
            copiedBytes += from.size();
        }
    }
}
