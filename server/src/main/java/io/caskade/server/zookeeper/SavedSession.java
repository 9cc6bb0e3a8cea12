package io.caskade.server.zookeeper;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The session of this node's last process, saved in its data directory, so that the next process can close it
/// and thereby remove the old registration, instead of waiting for it to expire.
///
/// The caller must hold the lock of the data directory: then the process that wrote the file has ended. Losing
/// the file only costs time.
final class SavedSession {

    private static final Logger LOG = LoggerFactory.getLogger(SavedSession.class);
    private static final Pattern TEXT = Pattern.compile("([0-9a-f]{16}) ([0-9a-f]{2,64})\n");
    private static final HexFormat HEX = HexFormat.of();

    private final Path file;

    SavedSession(Path file) {
        this.file = file;
    }

    private record Session(long id, String password) {}

    /// Saves the session of `zooKeeper`.
    void save(ZooKeeper zooKeeper) {
        String text =
                HEX.toHexDigits(zooKeeper.getSessionId()) + " " + HEX.formatHex(zooKeeper.getSessionPasswd()) + "\n";
        Path written = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(written);
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(
                        written, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(written, text);
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn(
                    "cannot save the ZooKeeper session in {}; a restart after a crash must wait for it to expire: {}",
                    file,
                    e.getMessage());
        }
    }

    /// Closes the saved session, if it is still open. Blocks.
    ///
    /// @throws TimeoutException when no server answered in time
    void closeLast(String connect, Duration sessionTimeout, Duration timeout)
            throws IOException, InterruptedException, TimeoutException {
        Optional<Session> last = read();
        if (last.isEmpty()) {
            return;
        }
        CompletableFuture<KeeperState> state = new CompletableFuture<>();
        ZooKeeper zooKeeper = PromptZooKeeper.resume(
                connect,
                sessionTimeout,
                event -> {
                    boolean decided = event.getState() == KeeperState.SyncConnected
                            || event.getState() == KeeperState.Expired
                            || event.getState() == KeeperState.AuthFailed;
                    if (event.getType() == EventType.None && decided) {
                        state.complete(event.getState());
                    }
                },
                last.get().id(),
                HEX.parseHex(last.get().password()));
        try {
            KeeperState reached = state.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            LOG.info(
                    reached == KeeperState.SyncConnected
                            ? "closing the session that this node's last process left open"
                            : "the session of this node's last process has ended already");
        } catch (ExecutionException e) {
            throw new AssertionError("completed with values alone", e);
        } finally {
            zooKeeper.close();
        }
    }

    private Optional<Session> read() throws IOException {
        try {
            Matcher matcher = TEXT.matcher(Files.readString(file));
            if (matcher.matches()) {
                return Optional.of(new Session(HexFormat.fromHexDigitsToLong(matcher.group(1)), matcher.group(2)));
            }
            LOG.warn("{} is damaged; not closing the session of this node's last process", file);
        } catch (NoSuchFileException e) {
            LOG.debug("no session was left behind", e);
        } catch (CharacterCodingException e) {
            LOG.warn("{} is damaged; not closing the session of this node's last process", file, e);
        }
        return Optional.empty();
    }
}
