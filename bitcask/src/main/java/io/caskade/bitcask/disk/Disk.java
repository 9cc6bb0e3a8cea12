package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A file system as the engine uses it. Implementations are safe for use by several threads.
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

    /// Whether a file or directory of this name exists.
    boolean exists(Path file) throws IOException;

    /// The files directly below a directory, in no particular order.
    List<Path> list(Path directory) throws IOException;

    /// Creates a directory and its missing parents, durably.
    void createDirectories(Path directory) throws IOException;

    /// Renames a file within its directory in one atomic step, in place of a file that has the new name; or a
    /// directory, to a name that is not taken.
    void rename(Path from, Path to) throws IOException;

    /// Gives a file another name, in a directory of the same file system, that is not taken. What is written
    /// to the file is seen under both; deleting one leaves the other. The name lasts once its directory is
    /// synced.
    ///
    /// @return false when the file system cannot do that; nothing was done then
    /// @throws java.nio.file.FileAlreadyExistsException when the name is taken
    boolean link(Path file, Path name) throws IOException;

    /// Deletes a file that exists, or an empty directory.
    void delete(Path file) throws IOException;

    /// Makes the names of a directory's files durable.
    void syncDirectory(Path directory) throws IOException;

    /// About how many bytes more a directory's files can have.
    long freeBytes(Path directory) throws IOException;

    /// Locks an existing directory for this process until the lock is closed.
    ///
    /// @throws io.caskade.bitcask.DirectoryInUseException when another holder, of this process or another, has
    ///     it
    DirectoryLock lock(Path directory) throws IOException;

    /// An exclusive hold on a directory.
    interface DirectoryLock extends AutoCloseable {
        /// Unlocks the directory.
        @Override
        void close() throws IOException;
    }
}
