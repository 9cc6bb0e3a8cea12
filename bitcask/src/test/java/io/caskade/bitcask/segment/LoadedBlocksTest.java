package io.caskade.bitcask.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is in the page cache, and for how long that is believed.
final class LoadedBlocksTest {

    private static final int BLOCK = 1 << 16;

    @TempDir
    private Path directory;

    /// A file of which nothing was ever read or written, in two blocks and a half.
    private MemorySegment untouched(Arena arena) throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(directory.resolve("file").toFile(), "rw")) {
            file.setLength(2 * BLOCK + BLOCK / 2);
            return file.getChannel().map(FileChannel.MapMode.READ_ONLY, 0, file.length(), arena);
        }
    }

    @SuppressWarnings("CheckReturnValue") // Read for what it does to the page cache.
    private static void touch(MemorySegment memory, long from, long to) {
        for (long at = from; at < to; at += 1024) {
            memory.get(ValueLayout.JAVA_BYTE, at);
        }
    }

    @Test
    void whatWasNeverReadIsNotLoaded() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            LoadedBlocks blocks = new LoadedBlocks(untouched(arena));
            assertThat(blocks.areLoaded(0, 1, 7)).isFalse();
            assertThat(blocks.areLoaded(BLOCK - 1, 2, 7)).isFalse();
            assertThat(blocks.areLoaded(2 * BLOCK, BLOCK / 2, 7)).isFalse();
        }
    }

    @Test
    void bytesAreLoadedThoughTheirBlockIsNot() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = untouched(arena);
            LoadedBlocks blocks = new LoadedBlocks(memory);
            touch(memory, 0, 1);
            assertThat(blocks.areLoaded(0, 100, 7)).isTrue();
        }
    }

    @Test
    void bytesOfSeveralBlocksAreLoadedWhenAllAre() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = untouched(arena);
            LoadedBlocks blocks = new LoadedBlocks(memory);
            touch(memory, 0, BLOCK);
            assertThat(blocks.areLoaded(0, BLOCK, 7)).isTrue();
            touch(memory, BLOCK, memory.byteSize());
            assertThat(blocks.areLoaded(0, memory.byteSize(), 7)).isTrue();
        }
    }

    @Test
    void memoryThatIsNoMapIsLoaded() {
        LoadedBlocks blocks = new LoadedBlocks(MemorySegment.ofArray(new byte[BLOCK + 1]));
        assertThat(blocks.areLoaded(0, BLOCK + 1, 7)).isTrue();
    }
}
