package io.caskade.bitcask.inspect;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.FileCopies;
import io.caskade.bitcask.store.checkpoint.CheckpointCheck;
import io.caskade.bitcask.store.copy.CopyMetadataFile;
import io.caskade.bitcask.store.copy.SecretFile;
import io.caskade.bitcask.store.copy.UnfinishedRepair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// Replaces a copy's files by a repair's result, in steps that can be interrupted anywhere and resumed. Removed
/// files are kept under another name first.
final class RepairFiles {

    private static final String BUILDING = "repair.new";
    private static final String ASIDE = "lost";

    private final Disk disk;
    private final Path directory;

    RepairFiles(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /// The directory in which the result is built.
    Path building() {
        return directory.resolve(BUILDING);
    }

    /// The directory for removed files, with one subdirectory per repair.
    Path aside() {
        return directory.resolve(ASIDE);
    }

    /// The name of a file of the copy among the result's.
    Path built(Path file) {
        return building().resolve(name(file));
    }

    /// Empties that directory.
    void beginBuilding() throws IOException {
        disk.createDirectories(building());
        for (Path file : disk.list(building())) {
            disk.delete(file);
        }
    }

    /// Whether a repair was interrupted after its result was complete.
    boolean isUnfinished() throws IOException {
        return disk.exists(UnfinishedRepair.in(directory));
    }

    /// Links all changed files of the copy into this repair's subdirectory.
    Path setAside(Set<Path> unchanged) throws IOException {
        disk.syncDirectory(building());
        int number = 1;
        while (disk.exists(directory.resolve(ASIDE).resolve(Integer.toString(number)))) {
            number++;
        }
        Path aside = directory.resolve(ASIDE).resolve(Integer.toString(number));
        disk.createDirectories(aside);
        for (Path file : disk.list(directory)) {
            if (belongsToCopy(file) && !unchanged.contains(file)) {
                FileCopies.linkOrCopy(disk, file, aside.resolve(name(file)));
            }
        }
        disk.syncDirectory(aside);
        return aside;
    }

    /// Moves the result into place. Removed files must have been set aside before.
    void swap() throws IOException {
        Path marker = UnfinishedRepair.in(directory);
        if (!disk.exists(marker)) {
            disk.create(marker).close();
        }
        disk.syncDirectory(directory);
        boolean secretIsGood = SecretFile.find(disk, directory).isPresent();
        for (Path file : disk.list(directory)) {
            if (belongsToCopy(file) && !(name(file).equals(SecretFile.NAME) && secretIsGood)) {
                disk.delete(file);
            }
        }
        List<Path> result = disk.list(building());
        for (Path file : result) {
            FileCopies.linkOrCopy(disk, file, directory.resolve(name(file)));
        }
        disk.syncDirectory(directory);
        disk.delete(marker);
        disk.syncDirectory(directory);
        for (Path file : result) {
            disk.delete(file);
        }
        disk.delete(building());
    }

    private static boolean belongsToCopy(Path file) {
        String name = name(file);
        return name.endsWith(".log")
                || name.endsWith(".hint")
                || name.endsWith(".log.new")
                || name.endsWith(".hint.new")
                || name.equals(CheckpointCheck.NAME)
                || name.equals(CopyMetadataFile.NAME)
                || name.equals(CopyMetadataFile.NAME + ".new")
                || name.equals(SecretFile.NAME);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }
}
