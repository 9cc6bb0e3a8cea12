package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A file system as the engine uses it. Implementations are thread-safe.
///
/// What a power failure leaves behind is part of the contract: bytes written to a file are durable only once
/// [DiskFile#sync] has returned, and a file's name (created, renamed or deleted) only once [#syncDirectory]
/// has.
public interface Disk {

    /// The disk of this machine.
    static Disk real() {
        return FileSystemDisk.INSTANCE;
    }

    /// Creates a file that must not exist yet and opens it for reading and writing.
    ///
    /// @throws java.nio.file.FileAlreadyExistsException when it exists
    DiskFile create(Path file) throws IOException;

    /// Opens an existing file for reading and writing.
    ///
    /// @throws java.nio.file.NoSuchFileException when it does not exist
    DiskFile open(Path file) throws IOException;

    /// Opens an existing file for reading only, which works where nothing may be written.
    ///
    /// @throws java.nio.file.NoSuchFileException when it does not exist
    default DiskFile openForReading(Path file) throws IOException {
        return open(file);
    }

    /// Whether a file or directory of this name exists.
    boolean exists(Path file) throws IOException;

    /// The files directly below a directory, in no particular order.
    List<Path> list(Path directory) throws IOException;

    /// Creates a directory and its missing parents, durably.
    void createDirectories(Path directory) throws IOException;

    /// Renames a file within its directory in one atomic step, in place of a file that has the new name; or a
    /// directory, to a name that is not taken.
    void rename(Path from, Path to) throws IOException;

    /// Creates a hard link to a file, in a directory of the same file system. The link is durable once its
    /// directory is synced.
    ///
    /// @return false when the file system does not support links
    /// @throws java.nio.file.FileAlreadyExistsException when the name is taken
    boolean link(Path file, Path name) throws IOException;

    /// How many names a file has; 1 where the file system does not tell.
    int countNames(Path file) throws IOException;

    /// Deletes a file that exists, or an empty directory.
    void delete(Path file) throws IOException;

    /// Syncs a directory. One that this process may not read cannot be synced, which is logged once.
    void syncDirectory(Path directory) throws IOException;

    /// The approximate free space for a directory's files, in bytes.
    long freeBytes(Path directory) throws IOException;

    /// Locks an existing directory for this process until the lock is closed.
    ///
    /// @throws io.caskade.bitcask.DirectoryInUseException when it is already locked, by this process or another
    DirectoryLock lock(Path directory) throws IOException;

    /// Locks a directory whose files are only read. One that this process may not write to cannot be
    /// locked: then it is only made sure that no other process has locked it now.
    ///
    /// @throws io.caskade.bitcask.DirectoryInUseException when it is already locked, by this process or another
    default DirectoryLock lockForReading(Path directory) throws IOException {
        return lock(directory);
    }

    /// An exclusive lock on a directory.
    interface DirectoryLock extends AutoCloseable {
        /// Whether the directory is locked: false of one that may only be read.
        default boolean isHeld() {
            return true;
        }

        /// Unlocks the directory.
        @Override
        void close() throws IOException;
    }
}
