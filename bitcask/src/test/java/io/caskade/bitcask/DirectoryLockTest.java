package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.testing.JavaProcess;
import io.caskade.testing.JavaProcess.Ending;
import io.caskade.testing.JavaProcess.NativeAccess;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One store at a time has a directory, whatever else is done to its files.
@Timeout(60)
final class DirectoryLockTest {

    @TempDir
    private Path temporary = Path.of("");

    private Path directory() {
        return temporary.resolve("store");
    }

    @ParameterizedTest
    @EnumSource
    void aProcessThatCopiesItsDirectoryKeepsItsLock(NativeAccess access) throws Exception {
        try (JavaProcess owner = JavaProcess.start(access, CopiesItself.class, directory(), temporary)) {
            owner.await("copied");
            assertThatThrownBy(() -> open(directory()))
                    .isInstanceOf(DirectoryInUseException.class)
                    .hasMessageContaining("in use by process " + owner.pid());
            assertThatThrownBy(() -> OfflineCopy.take(directory(), Disk.real()))
                    .isInstanceOf(DirectoryInUseException.class)
                    .hasMessageContaining("in use by process " + owner.pid());
            assertThat(owner.finish()).isEqualTo(new Ending(0, ""));
        }
        open(directory()).close();
    }

    @ParameterizedTest
    @EnumSource
    void theNameOfAProcessThatIsGoneKeepsNobodyOut(NativeAccess access) throws Exception {
        try (JavaProcess owner = JavaProcess.start(access, CopiesItself.class, directory(), temporary)) {
            owner.await("copied");
        }
        assertThat(directory().resolve("lock")).content(StandardCharsets.UTF_8).contains("pid ");
        open(directory()).close();
        assertThat(directory().resolve("lock")).isEmptyFile();
    }

    @ParameterizedTest
    @EnumSource
    void aCopyOfAnOpenDirectoryCanBeOpened(NativeAccess access) throws Exception {
        try (JavaProcess owner = JavaProcess.start(access, CopiesItself.class, directory(), temporary)) {
            owner.await("copied");
            open(temporary.resolve("copy")).close();
            assertThat(owner.finish()).isEqualTo(new Ending(0, ""));
        }
    }

    @Test
    void anotherClassLoaderIsRefused() throws Exception {
        List<URL> classPath = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            classPath.add(url(entry));
        }
        try (Bitcask store = open(directory());
                URLClassLoader other =
                        new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Class<?> opener = other.loadClass(Opener.class.getName());
            assertThat(opener).isNotSameAs(Opener.class);
            assertThatThrownBy(() -> {
                        try {
                            opener.getMethod("main", String[].class).invoke(null, (Object)
                                    new String[] {directory().toString()});
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    })
                    .hasMessageContaining("in use by this process");
            store.put(bytes("key"), bytes("value"));
        }
    }

    private static URL url(String entry) throws MalformedURLException {
        return Path.of(entry).toUri().toURL();
    }

    @Test
    void anotherMountOfTheDirectoryIsRefused() throws Exception {
        assumeThat(JavaProcess.isAllowed(JavaProcess.MAY_MOUNT))
                .as("this user may not mount in a namespace")
                .isTrue();
        open(directory()).close();
        Path other = Files.createDirectory(temporary.resolve("other"));
        String mount = "mount --bind '" + directory() + "' '" + other + "'";
        assertThat(JavaProcess.run(JavaProcess.MAY_MOUNT, mount, OpensBoth.class, directory(), other)
                        .output())
                .contains(other + ": in use by this process");
    }

    /// As `cp -al` makes it: both directories have the same file.
    @Test
    void aLockThatIsLinkedFromAnotherDirectoryIsReplaced() throws Exception {
        open(directory()).close();
        Path linked = linkedCopy();
        try (Bitcask one = open(directory());
                Bitcask other = open(linked)) {
            one.put(bytes("key"), bytes("value"));
            other.put(bytes("key"), bytes("other"));
            assertThatThrownBy(() -> open(directory())).isInstanceOf(DirectoryInUseException.class);
            assertThatThrownBy(() -> open(linked)).isInstanceOf(DirectoryInUseException.class);
        }
    }

    private Path linkedCopy() throws IOException {
        assumeThat(directory().getFileSystem().supportedFileAttributeViews()).contains("unix");
        Path linked = Files.createDirectory(temporary.resolve("linked"));
        try (Stream<Path> files = Files.list(directory())) {
            for (Path file : files.toList()) {
                Files.createLink(linked.resolve(file.getFileName()), file);
            }
        }
        return linked;
    }

    private static Bitcask open(Path path) throws IOException {
        return Bitcask.open(path, Options.defaults().withDiskReserve(0));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// Opens a store, copies its directory as a backup would, and waits.
    static final class CopiesItself {
        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            try (Bitcask store = open(directory)) {
                store.put(bytes("key"), bytes("value"));
                Path copy = Files.createDirectory(Path.of(arguments[1]).resolve("copy"));
                try (Stream<Path> files = Files.list(directory)) {
                    for (Path file : files.toList()) {
                        Files.copy(file, copy.resolve(file.getFileName()));
                    }
                }
                System.out.println("copied");
                System.in.transferTo(System.err);
            }
        }
    }

    /// Opens a store and closes it.
    public static final class Opener {
        public static void main(String[] arguments) throws IOException {
            open(Path.of(arguments[0])).close();
        }
    }

    /// Opens a store, and the same under another name.
    static final class OpensBoth {
        public static void main(String[] arguments) throws IOException {
            try (Bitcask store = open(Path.of(arguments[0]))) {
                System.out.println(store.size());
                open(Path.of(arguments[1])).close();
            } catch (DirectoryInUseException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
