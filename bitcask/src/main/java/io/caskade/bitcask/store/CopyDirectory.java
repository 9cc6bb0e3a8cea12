package io.caskade.bitcask.store;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.store.copy.CopyMetadataFile;
import io.caskade.bitcask.store.copy.CopyState;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One partition's copy in a directory, and the copies set aside next to it: a copy that is damaged, or too
/// far behind, is replaced by an empty one under a new identity, and kept while it may still be needed.
///
/// A copy is set aside by one rename of its directory, to `NAME.aside-ID`. Opening creates an empty copy when
/// there is no directory, so a crash leaves the old copy, the new one, or none.
///
/// A copy that is not needed any more is renamed to `NAME.removed` and then deleted, so what a crash leaves is
/// never taken for a copy; the next opening or deletion finishes.
///
/// Thread-safe.
public final class CopyDirectory {

    private static final String ASIDE = ".aside-";
    private static final String REMOVED = ".removed";

    private final Disk disk;
    private final Path directory;
    private final StoreOptions options;
    private volatile @Nullable Store current;

    /// The copies at a path.
    public CopyDirectory(Disk disk, Path directory, StoreOptions options) {
        this.disk = disk;
        this.directory = directory;
        this.options = options;
    }

    /// Opens the current copy; see [Store#open(Disk, Path, StoreOptions)].
    public synchronized Store open() throws IOException {
        deleteRemoved();
        Store opened = Store.open(disk, directory, options);
        current = opened;
        return opened;
    }

    /// The copy that was opened last.
    ///
    /// @throws NullPointerException when none was opened
    public Store current() {
        return Objects.requireNonNull(current);
    }

    /// Closes the copy if it is open, sets it aside and opens an empty one. Blocks. The old copy must not be
    /// used any more; concurrent reads throw [io.caskade.bitcask.StoreClosedException]. May be called again
    /// after a failure: what was set aside stays so.
    ///
    /// @throws IOException when the disk fails; the next opening finds the old copy or a new one
    public synchronized Store replace() throws IOException {
        Store old = current();
        old.close();
        Path aside = asideOf(old.id());
        if (!disk.exists(aside)) {
            disk.rename(directory, aside);
        }
        disk.syncDirectory(parent());
        return open();
    }

    /// Sets aside the current copy, which is damaged and cannot be opened, and opens an empty one. Blocks.
    ///
    /// @throws io.caskade.bitcask.DirectoryInUseException when it is open
    /// @throws IOException when the disk fails; the next opening finds the old copy or a new one
    public synchronized Store replaceUnopened() throws IOException {
        disk.rename(directory, asideOf(idUnlessOpen(disk, directory)));
        disk.syncDirectory(parent());
        return open();
    }

    /// Exchanges a set-aside copy with the current one, if there is one, which is set aside in turn. Both must
    /// be closed. Blocks. A crash in between leaves both set aside: reinstate the wanted one again.
    ///
    /// @param aside the directory of the set-aside copy, as its node named it
    /// @return the directory that the copy has now
    /// @throws IllegalArgumentException when the directory is not named like one that was set aside
    /// @throws io.caskade.bitcask.DirectoryInUseException when either is open
    public static Path reinstate(Disk disk, Path aside) throws IOException {
        Path absolute = aside.toAbsolutePath().normalize();
        String name = String.valueOf(absolute.getFileName());
        int at = name.indexOf(ASIDE);
        if (at <= 0) {
            throw new IllegalArgumentException(aside + ": its name is not of the form NAME" + ASIDE + "ID");
        }
        Path parent = Objects.requireNonNull(absolute.getParent());
        Path directory = parent.resolve(name.substring(0, at));
        idUnlessOpen(disk, absolute);
        if (disk.exists(directory)) {
            disk.rename(directory, parent.resolve(directory.getFileName() + ASIDE + idUnlessOpen(disk, directory)));
        }
        disk.rename(absolute, directory);
        disk.syncDirectory(parent);
        return directory;
    }

    private static UUID idUnlessOpen(Disk disk, Path directory) throws IOException {
        try (Disk.DirectoryLock _ = disk.lock(directory)) {
            return new CopyMetadataFile(disk, directory)
                    .read()
                    .map(CopyState::id)
                    .orElseThrow(() -> new IOException(directory + ": has no file `copy`, which identifies it"));
        }
    }

    /// The identities of the set-aside copies.
    public List<UUID> setAside() throws IOException {
        List<UUID> found = new ArrayList<>();
        for (Path path : disk.list(parent())) {
            idOf(path).ifPresent(found::add);
        }
        return found;
    }

    /// Deletes the set-aside copies, except those that are still needed. What a crash leaves is deleted the
    /// next time. Blocks.
    ///
    /// @return whether some remain
    public synchronized boolean deleteSetAside(Predicate<UUID> isNeeded) throws IOException {
        boolean left = false;
        for (UUID id : setAside()) {
            if (isNeeded.test(id)) {
                left = true;
            } else {
                deleteAll(asideOf(id));
            }
        }
        return left;
    }

    /// Whether there is a copy, or what is left of one that was being deleted. Blocks.
    public boolean exists() throws IOException {
        return disk.exists(directory) || disk.exists(removed());
    }

    /// Deletes the copy, which must be closed, but not what is set aside. Idempotent. Blocks.
    ///
    /// @throws io.caskade.bitcask.DirectoryInUseException when it is open
    /// @throws IOException when the disk fails; the copy is still there, or the next call deletes the rest
    public synchronized void delete() throws IOException {
        deleteRemoved();
        if (!disk.exists(directory)) {
            return;
        }
        disk.lock(directory).close();
        disk.rename(directory, removed());
        disk.syncDirectory(parent());
        deleteRemoved();
    }

    private void deleteRemoved() throws IOException {
        if (disk.exists(removed())) {
            deleteAll(removed());
        }
    }

    private Path removed() {
        return parent().resolve(directory.getFileName() + REMOVED);
    }

    private void deleteAll(Path path) throws IOException {
        for (Path file : disk.list(path)) {
            try {
                disk.delete(file);
            } catch (DirectoryNotEmptyException e) {
                deleteAll(file);
            }
        }
        disk.delete(path);
    }

    private Path parent() {
        return Objects.requireNonNull(directory.toAbsolutePath().getParent());
    }

    private String prefix() {
        return directory.getFileName() + ASIDE;
    }

    private Path asideOf(UUID id) {
        return parent().resolve(prefix() + id);
    }

    private Optional<UUID> idOf(Path path) {
        String name = String.valueOf(path.getFileName());
        try {
            return name.startsWith(prefix())
                    ? Optional.of(UUID.fromString(name.substring(prefix().length())))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
