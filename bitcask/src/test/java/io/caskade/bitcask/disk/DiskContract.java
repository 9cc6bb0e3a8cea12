package io.caskade.bitcask.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DirectoryInUseException;
import io.caskade.bitcask.disk.Disk.DirectoryLock;
import io.caskade.bitcask.disk.DiskFile.Syncs;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What every [Disk] does when nothing fails.
abstract class DiskContract {

    private Disk disk = Disk.real();
    private Path directory = Path.of("/unset");

    /// The disk under test.
    abstract Disk disk();

    /// An absolute path that nothing is at, below a directory that exists.
    abstract Path freshDirectory();

    @BeforeEach
    void createDirectory() throws IOException {
        disk = disk();
        directory = freshDirectory();
        disk.createDirectories(directory);
    }

    @Test
    void createsMissingDirectoriesAboveTheOneAskedFor() throws IOException {
        Path deep = directory.resolve("a").resolve("b");
        disk.createDirectories(deep);
        disk.create(deep.resolve("file")).close();
        assertThat(disk.exists(deep.resolve("file"))).isTrue();
    }

    @Test
    void creatingADirectoryThatExistsLeavesItsFiles() throws IOException {
        write("file", "bytes");
        disk.createDirectories(directory);
        assertThat(read("file")).isEqualTo("bytes");
    }

    @Test
    void createRefusesANameThatIsTaken() throws IOException {
        write("file", "bytes");
        assertThatThrownBy(() -> disk.create(directory.resolve("file"))).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(read("file")).isEqualTo("bytes");
    }

    @Test
    void aLinkIsAnotherNameOfTheSameFile() throws IOException {
        write("file", "bytes");
        Path other = directory.resolve("other");
        disk.createDirectories(other);
        assertThat(disk.link(directory.resolve("file"), other.resolve("name"))).isTrue();
        disk.delete(directory.resolve("file"));
        assertThat(read("other/name")).isEqualTo("bytes");
    }

    @Test
    void aLinkTakesNoNameThatIsTaken() throws IOException {
        write("file", "bytes");
        write("taken", "others");
        assertThatThrownBy(() -> disk.link(directory.resolve("file"), directory.resolve("taken")))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(read("taken")).isEqualTo("others");
    }

    @Test
    void aDirectoryCanBeRenamedAndDeletedWhenItIsEmpty() throws IOException {
        Path before = directory.resolve("before");
        disk.createDirectories(before);
        write("before/file", "bytes");
        disk.rename(before, directory.resolve("after"));
        assertThat(disk.exists(before)).isFalse();
        assertThat(read("after/file")).isEqualTo("bytes");
        assertThatThrownBy(() -> disk.delete(directory.resolve("after"))).isInstanceOf(IOException.class);
        disk.delete(directory.resolve("after/file"));
        disk.delete(directory.resolve("after"));
        assertThat(disk.exists(directory.resolve("after"))).isFalse();
    }

    @Test
    void createRefusesADirectoryThatIsMissing() {
        assertThatThrownBy(() -> disk.create(directory.resolve("missing").resolve("file")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void openRefusesAFileThatIsMissing() {
        assertThatThrownBy(() -> disk.open(directory.resolve("missing"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFileKnowsTheNameItWasOpenedUnder() throws IOException {
        try (DiskFile file = disk.create(directory.resolve("file"))) {
            assertThat(file.path()).isEqualTo(directory.resolve("file"));
        }
    }

    @Test
    void writtenBytesAreReadBackThroughAnyHandle() throws IOException {
        try (DiskFile file = disk.create(directory.resolve("file"))) {
            file.write(bytes("hello"), 0);
            assertThat(read("file")).isEqualTo("hello");
        }
    }

    @Test
    void aWriteConsumesTheBuffer() throws IOException {
        try (DiskFile file = disk.create(directory.resolve("file"))) {
            ByteBuffer from = bytes("a buffer").position(2);
            file.write(from, 0);
            assertThat(from.hasRemaining()).isFalse();
            assertThat(read("file")).isEqualTo("buffer");
        }
    }

    @Test
    void aWriteWithinTheFileLeavesTheBytesAround() throws IOException {
        write("file", "abcdef");
        try (DiskFile file = disk.open(directory.resolve("file"))) {
            file.write(bytes("XY"), 2);
        }
        assertThat(read("file")).isEqualTo("abXYef");
    }

    @Test
    void aWriteBeyondTheEndLeavesZerosBetween() throws IOException {
        write("file", "ab");
        try (DiskFile file = disk.open(directory.resolve("file"))) {
            file.write(bytes("z"), 4);
        }
        assertThat(read("file")).isEqualTo("ab\0\0z");
    }

    @Test
    void aReadStopsAtTheEndOfTheFile() throws IOException {
        write("file", "abcdef");
        try (DiskFile file = disk.open(directory.resolve("file"))) {
            ByteBuffer into = ByteBuffer.allocate(10);
            assertThat(file.read(into, 4)).isEqualTo(2);
            assertThat(into.position()).isEqualTo(2);
            assertThat(file.read(into, 6)).isZero();
            assertThat(file.read(into, 60)).isZero();
        }
    }

    @Test
    void aReadFillsWhatRemainsOfTheBuffer() throws IOException {
        write("file", "abcdef");
        try (DiskFile file = disk.open(directory.resolve("file"))) {
            ByteBuffer into = bytes("12345").duplicate().position(1).limit(3);
            assertThat(file.read(into, 0)).isEqualTo(2);
            assertThat(StandardCharsets.US_ASCII.decode(into.clear()).toString())
                    .isEqualTo("1ab45");
        }
    }

    @Test
    void truncatedBytesDoNotComeBackWithALaterWrite() throws IOException {
        write("file", "abcdef");
        try (DiskFile file = disk.open(directory.resolve("file"))) {
            file.truncate(2);
            assertThat(file.size()).isEqualTo(2);
            file.write(bytes("f"), 5);
        }
        assertThat(read("file")).isEqualTo("ab\0\0\0f");
    }

    @ParameterizedTest
    @EnumSource
    void reservedSpaceIsZeroUntilItIsWritten(Syncs syncs) throws IOException {
        write("file", "ab");
        try (DiskFile file = disk.open(directory.resolve("file"))) {
            file.reserve(2, 8, syncs);
            assertThat(file.size()).isEqualTo(8);
            file.write(bytes("cd"), 2);
            file.write(bytes("-ef-").position(1).limit(3), 4);
            assertThat(read("file")).isEqualTo("abcdef\0\0");
            file.sync();
        }
        assertThat(read("file")).isEqualTo("abcdef\0\0");
    }

    @ParameterizedTest
    @EnumSource
    void writesAroundAndBeyondReservedSpaceBehaveLikeAnyOther(Syncs syncs) throws IOException {
        try (DiskFile file = disk.create(directory.resolve("file"))) {
            file.reserve(2, 6, syncs);
            file.write(bytes("abcd"), 0);
            file.write(bytes("efgh"), 4);
            file.write(bytes("i"), 8);
            assertThat(read("file")).isEqualTo("abcdefghi");
        }
    }

    @ParameterizedTest
    @EnumSource
    void reservingAgainKeepsTheContents(Syncs syncs) throws IOException {
        try (DiskFile file = disk.create(directory.resolve("file"))) {
            file.reserve(0, 4, syncs);
            file.write(bytes("abc"), 0);
            file.reserve(3, 10_000, syncs);
            file.write(bytes("def"), 3);
            file.reserve(6, 8, syncs);
            file.write(bytes("gh"), 6);
            assertThat(file.size()).isEqualTo(10_000);
            ByteBuffer into = ByteBuffer.allocate(9);
            file.read(into, 0);
            assertThat(StandardCharsets.US_ASCII.decode(into.flip()).toString()).isEqualTo("abcdefgh\0");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMapShowsWhatIsWrittenLaterAndOutlivesTheFile(Syncs syncs) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment map;
            try (DiskFile file = disk.create(directory.resolve("file"))) {
                file.write(bytes("abcd"), 0);
                file.reserve(4, 8, syncs);
                map = file.map(3, 5, () -> arena).orElseThrow();
                file.write(bytes("EF"), 4);
                file.write(bytes("B"), 1);
            }
            assertThat(map.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(new byte[] {'d', 'E', 'F', 0, 0});
        }
    }

    @ParameterizedTest
    @EnumSource
    void truncatingAFileEndsItsReservedSpace(Syncs syncs) throws IOException {
        try (DiskFile file = disk.create(directory.resolve("file"))) {
            file.reserve(0, 100, syncs);
            file.write(bytes("abcdef"), 0);
            file.truncate(3);
            assertThat(read("file")).isEqualTo("abc");
            file.write(bytes("xy"), 3);
            assertThat(read("file")).isEqualTo("abcxy");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClosedFileRefusesWritesToReservedSpace(Syncs syncs) throws IOException {
        DiskFile file = disk.create(directory.resolve("file"));
        file.reserve(0, 100, syncs);
        file.close();
        assertThatThrownBy(() -> file.write(bytes("x"), 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> file.reserve(0, 200, syncs)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void listNamesTheFilesOfADirectory() throws IOException {
        write("one", "1");
        write("two", "2");
        assertThat(disk.list(directory)).containsExactlyInAnyOrder(directory.resolve("one"), directory.resolve("two"));
    }

    @Test
    void renameReplacesTheFileThatHasTheNewName() throws IOException {
        write("old", "old");
        write("new", "new");
        disk.rename(directory.resolve("new"), directory.resolve("old"));
        assertThat(disk.exists(directory.resolve("new"))).isFalse();
        assertThat(read("old")).isEqualTo("new");
    }

    @Test
    void renameRefusesAFileThatIsMissing() {
        assertThatThrownBy(() -> disk.rename(directory.resolve("missing"), directory.resolve("file")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void deleteRemovesTheNameAndRefusesAMissingFile() throws IOException {
        write("file", "bytes");
        disk.delete(directory.resolve("file"));
        assertThat(disk.exists(directory.resolve("file"))).isFalse();
        assertThatThrownBy(() -> disk.delete(directory.resolve("file"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aDeletedFileStaysReadableThroughOpenHandles() throws IOException {
        write("file", "bytes");
        try (DiskFile file = disk.open(directory.resolve("file"))) {
            disk.delete(directory.resolve("file"));
            ByteBuffer into = ByteBuffer.allocate(5);
            assertThat(file.read(into, 0)).isEqualTo(5);
            file.sync();
        }
    }

    @Test
    void syncsOfFilesAndDirectoriesReturn() throws IOException {
        try (DiskFile file = disk.create(directory.resolve("file"))) {
            file.write(bytes("bytes"), 0);
            file.sync();
        }
        disk.syncDirectory(directory);
        assertThat(read("file")).isEqualTo("bytes");
    }

    @Test
    void aClosedFileRefusesEverything() throws IOException {
        DiskFile file = disk.create(directory.resolve("file"));
        file.close();
        assertThatThrownBy(() -> file.write(bytes("x"), 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(file::sync).isInstanceOf(ClosedChannelException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aThreadThatIsInterruptedUsesAFileLikeAnyOther(Syncs syncs) throws IOException {
        try (DiskFile file = disk.create(directory.resolve("file"))) {
            Thread.currentThread().interrupt();
            file.reserve(0, 20, syncs);
            file.write(bytes("bytes"), 0);
            file.sync();
            file.truncate(4);
            ByteBuffer into = ByteBuffer.allocate(5);
            assertThat(file.read(into, 0)).isEqualTo(4);
            disk.syncDirectory(directory);
            assertThat(Thread.interrupted())
                    .as("the interrupt is not swallowed")
                    .isTrue();
            assertThat(file.size()).isEqualTo(4);
        }
    }

    @Test
    void aLockedDirectoryIsRefusedUntilItIsUnlocked() throws IOException {
        DirectoryLock lock = disk.lock(directory);
        assertThatThrownBy(() -> disk.lock(directory))
                .isInstanceOf(DirectoryInUseException.class)
                .hasMessageContaining(directory.toString());
        lock.close();
        disk.lock(directory).close();
    }

    @Test
    void closingALockTwiceDoesNotTakeItFromTheNextHolder() throws IOException {
        DirectoryLock first = disk.lock(directory);
        first.close();
        try (DirectoryLock second = disk.lock(directory)) {
            first.close();
            assertThat(second).isNotSameAs(first);
            assertThatThrownBy(() -> disk.lock(directory)).isInstanceOf(DirectoryInUseException.class);
        }
    }

    private void write(String name, String text) throws IOException {
        try (DiskFile file = disk.create(directory.resolve(name))) {
            file.write(bytes(text), 0);
        }
    }

    private String read(String name) throws IOException {
        try (DiskFile file = disk.open(directory.resolve(name))) {
            ByteBuffer into = ByteBuffer.allocate((int) file.size());
            file.read(into, 0);
            return StandardCharsets.US_ASCII.decode(into.flip()).toString();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
