package io.caskade.bitcask.store.checkpoint;

/// Divides a checkpoint's entries into blocks, each read and verified separately: block *i* has those whose
/// hash begins with *i*.
final class CheckpointBlocks {

    /// The approximate entries per block: some hundred kilobytes.
    private static final int ENTRIES = 8 << 10;

    /// A block is read at once; random hashes never fill one this far.
    static final int MAX_ENTRIES = 1 << 20;

    private static final int MAX_BITS = 20;

    private final int bits;
    private final int[] entries;
    private final int[] crcs;

    /// Empty blocks, two to the power of `bits` of them.
    CheckpointBlocks(int bits) {
        this.bits = bits;
        this.entries = new int[1 << bits];
        this.crcs = new int[1 << bits];
    }

    /// Empty blocks for a number of entries.
    static CheckpointBlocks expecting(long entries) {
        int bits = 0;
        while (bits < MAX_BITS && entries >>> bits > ENTRIES) {
            bits++;
        }
        return new CheckpointBlocks(bits);
    }

    int bits() {
        return bits;
    }

    int count() {
        return entries.length;
    }

    /// The block of a hash with this upper half.
    int of(long high) {
        return (int) (high >>> 1 >>> (Long.SIZE - 1 - bits));
    }

    void set(int block, int count, int crc) {
        entries[block] = count;
        crcs[block] = crc;
    }

    int entries(int block) {
        return entries[block];
    }

    int crc(int block) {
        return crcs[block];
    }

    long totalEntries() {
        long total = 0;
        for (int count : entries) {
            total += count;
        }
        return total;
    }
}
