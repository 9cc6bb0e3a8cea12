package io.caskade.server.lifecycle;

import io.caskade.bitcask.DirectoryInUseException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.FailureText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;

/// A node's data directory: locked by one process at a time, and marked with its owner.
///
/// ```
/// lock              held while a node runs on the directory
/// zookeeper-session the session with ZooKeeper, for the node's next process to end
/// grace             for how long lease grants of the node may hold, see `GrantedGrace`
/// node              which node of which cluster the directory belongs to
/// partitions/N/     this node's copy of partition N
/// zookeeper/        the embedded ZooKeeper's
/// ```
public final class NodeDirectory implements AutoCloseable {

    private static final String OWNER = "node";
    private static final String PARTITIONS = "partitions";

    private final Path directory;
    private final Disk.DirectoryLock lock;

    private NodeDirectory(Path directory, Disk.DirectoryLock lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /// Locks the directory, creating it if it is missing.
    public static NodeDirectory open(Path directory) throws StartupException {
        try {
            Disk.real().createDirectories(directory);
            return new NodeDirectory(directory, Disk.real().lock(directory));
        } catch (DirectoryInUseException e) {
            throw new StartupException("data-dir " + e.getMessage(), e);
        } catch (AccessDeniedException e) {
            throw new StartupException(
                    "data-dir " + directory + ": not writable for this user: " + FailureText.of(e), e);
        } catch (FileAlreadyExistsException e) {
            throw new StartupException("data-dir " + directory + ": is not a directory", e);
        } catch (IOException e) {
            throw new StartupException(
                    "data-dir " + directory + ": cannot be created or used: " + FailureText.of(e), e);
        }
    }

    /// The directory of a partition's copy.
    public Path partition(int id) {
        return directory.resolve(PARTITIONS).resolve(Integer.toString(id));
    }

    /// The embedded ZooKeeper's data directory.
    public Path zookeeper() {
        return directory.resolve("zookeeper");
    }

    /// The file with the ZooKeeper session, for the node's next process.
    public Path session() {
        return directory.resolve("zookeeper-session");
    }

    /// Which node of which cluster the directory belongs to, for messages; empty while it has no owner. A
    /// directory with copies has one, even without its mark.
    public Optional<String> owner() throws StartupException {
        Path owner = directory.resolve(OWNER);
        try {
            if (Files.exists(owner)) {
                return Optional.of(oneLine(Files.readString(owner)));
            }
            return hasCopies() ? Optional.of("a node that is not named in it") : Optional.empty();
        } catch (IOException e) {
            throw new StartupException("data-dir " + directory + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private boolean hasCopies() throws IOException {
        Path copies = directory.resolve(PARTITIONS);
        if (!Files.isDirectory(copies)) {
            return false;
        }
        try (Stream<Path> found = Files.list(copies)) {
            return found.findAny().isPresent();
        }
    }

    /// Marks the directory as this node's, or refuses one of another node.
    public void claim(String clusterId, String nodeId) throws StartupException {
        Path owner = directory.resolve(OWNER);
        String wanted = "cluster " + clusterId + "\nnode " + nodeId + "\n";
        try {
            if (Files.exists(owner)) {
                String found = Files.readString(owner);
                if (!found.equals(wanted)) {
                    throw new StartupException("data-dir " + directory + ": belongs to " + oneLine(found) + ", not to "
                            + oneLine(wanted) + "; see node.id, zookeeper.connect and zookeeper.root, or"
                            + " \"ZooKeeper's data are lost\" in docs/operations.md");
                }
                return;
            }
            Path fresh = directory.resolve(OWNER + ".new");
            Files.writeString(
                    fresh,
                    wanted,
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DSYNC);
            Files.move(fresh, owner, StandardCopyOption.ATOMIC_MOVE);
            Disk.real().syncDirectory(directory);
        } catch (IOException e) {
            throw new StartupException("data-dir " + directory + ": cannot be marked: " + FailureText.of(e), e);
        }
    }

    private static String oneLine(String owner) {
        return owner.strip().replace("\n", ", ");
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
