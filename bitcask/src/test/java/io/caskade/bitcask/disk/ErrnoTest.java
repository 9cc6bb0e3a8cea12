package io.caskade.bitcask.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Which errors of the system are known by what the JDK says of them.
final class ErrnoTest {

    @ParameterizedTest
    @EnumSource
    void eachIsKnownByTheTextOfTheCLibrary(Errno errno) {
        String text = errno.systemText();
        assertThat(text).isNotEmpty();
        assertThat(Errno.of(new IOException(text))).contains(errno);
        assertThat(Errno.of(new FileSystemException("/data/1.log", null, text))).contains(errno);
    }

    @Test
    void eachIsKnownByItsEnglishTextWhereTheLibraryCannotBeAsked() {
        assertThat(Errno.of(new IOException("No space left on device"))).contains(Errno.ENOSPC);
        assertThat(Errno.of(new IOException("Disk quota exceeded"))).contains(Errno.EDQUOT);
        assertThat(Errno.of(new IOException("File too large"))).contains(Errno.EFBIG);
        assertThat(Errno.of(new IOException("Too many open files"))).contains(Errno.EMFILE);
        assertThat(Errno.of(new IOException("Too many open files in system"))).contains(Errno.ENFILE);
    }

    @Test
    void whatTheSystemSaysOfAFullDeviceIsKnown() throws IOException {
        Path full = Path.of("/dev/full");
        assumeThat(full).isWritable();
        try (FileChannel device = FileChannel.open(full, StandardOpenOption.WRITE)) {
            IOException failure = catchThrowableOfType(IOException.class, () -> device.write(ByteBuffer.allocate(10)));
            assertThat(Errno.of(failure)).contains(Errno.ENOSPC);
        }
    }

    @Test
    void otherFailuresAreNone() {
        assertThat(Errno.of(new IOException())).isEmpty();
        assertThat(Errno.of(new IOException(""))).isEmpty();
        assertThat(Errno.of(new IOException("Input/output error"))).isEmpty();
        assertThat(Errno.of(new FileSystemException("/no space left/1.log", null, "Permission denied")))
                .isEmpty();
    }
}
