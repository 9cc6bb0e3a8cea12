package io.caskade.bitcask.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DiskFullException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DiskReserveTest {

    private static final Path DIRECTORY = Path.of("/data");
    private static final int MIB = 1 << 20;
    private static final long RESERVE = 16 * MIB;

    private final FaultyDisk disk = new FaultyDisk(1);
    private long nanos;
    private int looks;
    private final DiskReserve reserve = reserve(RESERVE);

    private DiskReserve reserve(long bytes) {
        return new DiskReserve(disk, DIRECTORY, bytes, () -> {
            looks++;
            return nanos;
        });
    }

    @BeforeEach
    void directory() throws IOException {
        disk.createDirectories(DIRECTORY);
    }

    private void requireRefused(long length, long pending) {
        assertThatThrownBy(() -> reserve.require(length, pending)).isInstanceOf(DiskFullException.class);
    }

    @Test
    void aPutThatWouldUseTheReserveIsRefused() throws IOException {
        disk.setFreeBytes(RESERVE + 100);
        requireRefused(101, 0);
        reserve.require(100, 0);
    }

    @Test
    void theRefusalNamesTheDirectoryTheFreeBytesAndTheReserve() {
        disk.setFreeBytes(1_000);
        assertThatThrownBy(() -> reserve.require(1, 0))
                .hasMessage("/data: no space left on the disk for puts: 1000 bytes are free, and 16777216 are kept for"
                        + " deletes and merges");
    }

    @Test
    void aRefusalEndsWithoutAPutWhenThereIsRoomAgain() throws IOException {
        disk.setFreeBytes(RESERVE);
        requireRefused(1, 0);
        reserve.refresh();
        assertThat(reserve.isRefusing()).isTrue();

        disk.setFreeBytes(RESERVE + MIB);
        reserve.refresh();
        assertThat(reserve.isRefusing()).isFalse();
        reserve.require(1, 0);
    }

    @Test
    void aProbeTellsWhetherAnythingCanBeWrittenAndLeavesNothing() throws IOException {
        disk.setFreeBytes(0);
        assertThatThrownBy(reserve::probe).isInstanceOf(DiskFullException.class);
        assertThat(disk.list(DIRECTORY)).isEmpty();

        disk.setFreeBytes(RESERVE);
        reserve.probe();
        assertThat(disk.list(DIRECTORY)).isEmpty();
    }

    @Test
    void bytesNotYetWrittenCount() throws IOException {
        disk.setFreeBytes(RESERVE + 100);
        requireRefused(60, 41);
        reserve.require(60, 40);
    }

    @Test
    void freeSpaceIsReadOncePerMebibyte() throws IOException {
        for (int i = 0; i < 8 * 1024; i++) {
            reserve.require(1024, 0);
        }
        assertThat(looks).isEqualTo(8);
    }

    @Test
    void withLessThanAMebibyteFreeLessIsAllowed() throws IOException {
        disk.setFreeBytes(RESERVE + 1_000);
        reserve.require(900, 0);
        disk.setFreeBytes(RESERVE + 100);
        requireRefused(101, 0);
        reserve.require(100, 0);
    }

    @Test
    void whileItRefusesFreeSpaceIsReadTenTimesASecond() throws IOException {
        disk.setFreeBytes(RESERVE - 1);
        requireRefused(1, 0);
        disk.setFreeBytes(RESERVE + MIB);
        nanos += TimeUnit.MILLISECONDS.toNanos(99);
        requireRefused(1, 0);
        nanos += TimeUnit.MILLISECONDS.toNanos(1);
        reserve.require(1, 0);
    }

    @Test
    void aRefusedLargePutDoesNotStopASmallOne() throws IOException {
        disk.setFreeBytes(RESERVE + 1_000);
        requireRefused(1_001, 0);
        reserve.require(10, 0);
    }

    @Test
    void noReserveRefusesNothing() {
        disk.setFreeBytes(0);
        assertThatCode(() -> reserve(0).require(1 << 30, 0)).doesNotThrowAnyException();
    }
}
