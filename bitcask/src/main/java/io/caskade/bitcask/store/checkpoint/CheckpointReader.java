package io.caskade.bitcask.store.checkpoint;

import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.LittleEndian;
import io.caskade.bitcask.hint.Parallelism;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.keydir.KeydirFiller;
import io.caskade.bitcask.store.index.ParallelTasks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/// Reads a checkpoint file: first its head, then the entries on all processors.
final class CheckpointReader implements AutoCloseable {

    /// More parallelism would not help any machine.
    private static final int MAX_RANGE_BITS = 6;

    private final DiskFile file;
    private final ByteBuffer head;
    private final CheckpointBlocks blocks;

    private CheckpointReader(DiskFile file, ByteBuffer head) {
        this.file = file;
        this.head = head;
        this.blocks = CheckpointFormat.decodeBlocks(head);
    }

    /// A reader of the file with this checksum; the caller must close it.
    ///
    /// @throws IOException when it cannot be read, or is another one, damaged, or of another partition
    static CheckpointReader of(DiskFile file, int checksum, int partition) throws IOException {
        ByteBuffer first = LittleEndian.allocate(CheckpointFormat.HEADER_BYTES);
        file.read(first, 0);
        int length = CheckpointFormat.lengthOf(first.flip());
        require(length > 0 && length <= file.size(), file, "no checkpoint of this version");
        ByteBuffer head = LittleEndian.allocate(length);
        file.read(head, 0);
        require(!head.hasRemaining(), file, "cut short");
        head.flip();
        require(CheckpointFormat.claimedChecksum(head) == checksum, file, "not the one that `copy` names");
        require(CheckpointFormat.checksum(head) == checksum, file, "damaged before the first entry");
        require(CheckpointFormat.partition(head) == partition, file, "of another partition");
        return new CheckpointReader(file, head);
    }

    private static void require(boolean holds, DiskFile file, String otherwise) throws IOException {
        if (!holds) {
            throw new IOException(file.path() + ": " + otherwise);
        }
    }

    /// The decoded head.
    Checkpoint checkpoint() {
        return CheckpointFormat.decode(head);
    }

    /// Loads the entries into an empty, unused keydir.
    ///
    /// @param fingerprint of the secret that the keydir's keys are hashed with
    /// @throws IOException when they cannot be read, are not what was written or were made with another secret;
    ///     the keydir must be cleared
    void fill(Keydir keydir, long fingerprint, Parallelism parallelism) throws IOException {
        require(CheckpointFormat.fingerprint(head) == fingerprint, file, "made with another secret");
        long[] starts = starts();
        keydir.reserve(blocks.totalEntries());
        KeydirFiller filler = new KeydirFiller(keydir, Math.min(blocks.bits(), MAX_RANGE_BITS));
        int perRange = blocks.count() / filler.ranges();
        try {
            ParallelTasks.runAll(
                    parallelism,
                    filler.ranges(),
                    range -> fill(filler, starts, range * perRange, (range + 1) * perRange));
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
        filler.done();
    }

    /// Reads all entries.
    ///
    /// @throws IOException when they cannot be read or are not what was written
    void verify() throws IOException {
        long[] starts = starts();
        for (int block = 0; block < blocks.count(); block++) {
            read(block, starts[block], LittleEndian.allocate(blocks.entries(block) * CheckpointFormat.ENTRY_BYTES));
        }
    }

    /// The offset of each block, and the end of the last one.
    private long[] starts() throws IOException {
        long[] starts = new long[blocks.count() + 1];
        starts[0] = head.limit();
        for (int block = 0; block < blocks.count(); block++) {
            starts[block + 1] = starts[block] + (long) blocks.entries(block) * CheckpointFormat.ENTRY_BYTES;
        }
        require(starts[blocks.count()] == file.size(), file, "not as long as it says");
        return starts;
    }

    private void fill(KeydirFiller filler, long[] starts, int from, int to) {
        int most = IntStream.range(from, to).map(blocks::entries).max().orElse(0);
        KeydirFiller.Run run = filler.run();
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer buffer = arena.allocate((long) most * CheckpointFormat.ENTRY_BYTES)
                    .asByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN);
            for (int block = from; block < to; block++) {
                read(block, starts[block], buffer.clear());
                put(run, buffer);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(int block, long start, ByteBuffer buffer) throws IOException {
        buffer.limit(blocks.entries(block) * CheckpointFormat.ENTRY_BYTES);
        file.read(buffer, start);
        require(!buffer.hasRemaining(), file, "cut short");
        CRC32C crc = new CRC32C();
        crc.update(buffer.flip());
        require((int) crc.getValue() == blocks.crc(block), file, "damaged in the block at offset " + start);
    }

    private static void put(KeydirFiller.Run run, ByteBuffer entries) {
        for (int at = 0; at < entries.limit(); at += CheckpointFormat.ENTRY_BYTES) {
            run.add(
                    entries.getLong(at),
                    entries.getLong(at + CheckpointFormat.ENTRY_LOW),
                    entries.getLong(at + CheckpointFormat.ENTRY_LOCATION));
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
