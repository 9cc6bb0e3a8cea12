package io.caskade.bitcask.store.checkpoint;

import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.keydir.KeydirPage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// Writes a keydir's entries in hash order, in large chunks, with a checksum for each block.
final class CheckpointWriter {

    private static final int CHUNK_BYTES = 1 << 20;
    private static final int PAGE_ENTRIES = 4 << 10;

    private final DiskFile file;
    private final CheckpointBlocks blocks;
    private final ByteBuffer chunk =
            Arena.ofAuto().allocate(CHUNK_BYTES).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C crc = new CRC32C();

    /// The chunk's offset in the file.
    private long at;

    /// The current block, its entries so far, and up to where the chunk is included in its checksum.
    private int block;

    private int entries;
    private int summed;

    /// A writer that starts at an offset of a file.
    CheckpointWriter(DiskFile file, long offset, CheckpointBlocks blocks) {
        this.file = file;
        this.at = offset;
        this.blocks = blocks;
    }

    /// Writes all entries.
    void writeAll(Keydir keydir) throws IOException {
        long position = 0;
        do {
            KeydirPage page = keydir.scan(position, PAGE_ENTRIES);
            for (int i = 0; i < page.size(); i++) {
                add(page.position(i), page.low(i), page.location(i));
            }
            position = page.next();
        } while (position != 0);
        finishBlock();
        flush();
    }

    private void add(long high, long low, long location) throws IOException {
        if (blocks.of(high) != block) {
            finishBlock();
            block = blocks.of(high);
        }
        if (chunk.remaining() < CheckpointFormat.ENTRY_BYTES) {
            flush();
        }
        chunk.putLong(high).putLong(low).putLong(location);
        entries++;
    }

    private void finishBlock() throws IOException {
        if (entries > CheckpointBlocks.MAX_ENTRIES) {
            throw new IOException(file.path() + ": " + entries + " keys whose hashes begin alike");
        }
        sum();
        blocks.set(block, entries, (int) crc.getValue());
        crc.reset();
        entries = 0;
    }

    private void sum() {
        crc.update(chunk.slice(summed, chunk.position() - summed));
        summed = chunk.position();
    }

    private void flush() throws IOException {
        sum();
        int length = chunk.position();
        file.write(chunk.flip(), at);
        at += length;
        chunk.clear();
        summed = 0;
    }
}
