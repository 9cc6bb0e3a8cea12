package io.caskade.bitcask.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FileWindowTest {

    private final byte[] file = new byte[1000];
    private final List<Long> readFrom = new ArrayList<>();

    FileWindowTest() {
        for (int i = 0; i < file.length; i++) {
            file[i] = (byte) i;
        }
    }

    private FileWindow window(long end) {
        return new FileWindow(Path.of("file"), end, this::read);
    }

    private int read(ByteBuffer into, long position) {
        readFrom.add(position);
        int length = Math.min(into.remaining(), file.length - (int) position);
        into.put(file, (int) position, length);
        return length;
    }

    private void assertHolds(FileWindow window, int at, int length) {
        for (int i = at; i < at + length; i++) {
            assertThat(window.bytes().get(window.index(i))).as("byte %s", i).isEqualTo(file[i]);
            assertThat(window.offset(window.index(i))).isEqualTo(i);
        }
    }

    @Test
    void bytesReadAheadAreNotReadAgain() throws IOException {
        FileWindow window = window(1000);

        assertThat(window.load(10, 5, 10, 100)).isTrue();
        assertThat(window.load(90, 30, 90, 100)).isTrue();

        assertHolds(window, 90, 30);
        assertThat(readFrom).containsExactly(10L, 110L);
    }

    @Test
    void bytesThatAreKeptStayInTheWindow() throws IOException {
        FileWindow window = window(1000);
        assertThat(window.load(10, 5, 10, 20)).isTrue();

        assertThat(window.load(400, 100, 12, 20)).isTrue();

        assertHolds(window, 12, 488);
        assertThat(readFrom).containsExactly(10L, 30L);
    }

    @Test
    void theWindowMovesBack() throws IOException {
        FileWindow window = window(1000);
        assertThat(window.load(500, 10, 500, 100)).isTrue();

        assertThat(window.load(20, 10, 20, 100)).isTrue();

        assertHolds(window, 20, 10);
    }

    @Test
    void nothingIsReadBeyondTheEnd() throws IOException {
        FileWindow window = window(50);

        assertThat(window.load(40, 11, 40, 100)).isFalse();
        assertThat(window.load(40, 10, 40, 100)).isTrue();

        assertHolds(window, 40, 10);
        assertThat(window.bytes().limit()).isEqualTo(10);
    }

    @Test
    void aFileThatBecameShorterIsNoticed() throws IOException {
        FileWindow window = window(2000);

        assertThat(window.load(990, 20, 990, 100)).isFalse();
    }
}
