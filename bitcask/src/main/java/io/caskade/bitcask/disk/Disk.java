package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A place where files live. Implementations are safe for use by several threads.
///
/// What a power failure leaves behind is part of the contract: bytes written to a file last only once
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

    /// Creates a directory and those above it that are missing, and makes their names last.
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

    /// How many names a file has. More than one means that something else counts on its bytes, and they must
    /// not be overwritten; the same must be assumed where this cannot be told, so it is 2 then.
    int names(Path file) throws IOException;

    /// Deletes a file that exists, or an empty directory.
    void delete(Path file) throws IOException;

    /// Makes the names of a directory's files last.
    void syncDirectory(Path directory) throws IOException;

    /// About how many bytes more a directory's files can have.
    long freeBytes(Path directory) throws IOException;

    /// Takes a directory, which exists, for this process alone until the lock is closed.
    ///
    /// @throws DirectoryInUseException when another holder, of this process or another, has it
    DirectoryLock lock(Path directory) throws IOException;

    /// An exclusive hold on a directory.
    interface DirectoryLock extends AutoCloseable {
        /// Gives the directory back.
        @Override
        void close() throws IOException;
    }
}
