package io.caskade.bitcask.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileSystemDiskTest extends DiskContract {

    @TempDir
    private Path directory = Path.of("/unset");

    @Override
    Disk disk() {
        return Disk.real();
    }

    @Override
    Path freshDirectory() {
        return directory.resolve("fresh");
    }

    @Test
    void interruptingOneReaderDoesNotDisturbAnotherOfTheSameFile() throws Exception {
        int reads = 2_000;
        AtomicBoolean done = new AtomicBoolean();
        try (DiskFile file = disk().create(directory.resolve("file"));
                ExecutorService threads = Executors.newCachedThreadPool()) {
            file.write(ByteBuffer.wrap(new byte[4096]), 0);
            Callable<Boolean> victim = () -> {
                boolean interrupted = false;
                while (!done.get()) {
                    assertThat(readAll(file)).isEqualTo(4096);
                    interrupted |= Thread.interrupted();
                }
                return interrupted;
            };
            List<Thread> victims = new ArrayList<>();
            List<Future<Boolean>> interrupted = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                interrupted.add(threads.submit(() -> {
                    synchronized (victims) {
                        victims.add(Thread.currentThread());
                    }
                    return victim.call();
                }));
            }
            try {
                for (int i = 0; i < reads; i++) {
                    assertThat(readAll(file)).isEqualTo(4096);
                    synchronized (victims) {
                        victims.forEach(Thread::interrupt);
                    }
                }
            } finally {
                done.set(true);
            }
            for (Future<Boolean> each : interrupted) {
                assertThat(each.get()).isTrue();
            }
        }
    }

    private static int readAll(DiskFile file) throws IOException {
        return file.read(ByteBuffer.allocate(4096), 0);
    }
}
