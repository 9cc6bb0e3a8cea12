package io.caskade.api;

/// Maps a key to its hash slot and a slot to its partition, as every node and client must.
///
/// The slot is the CRC16 (XMODEM) of the key modulo 16384, or of the part between the first `{` and the next
/// `}` when that part is not empty, as the [Redis Cluster
/// specification](https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/) has it. All
/// methods are pure.
public final class KeySlots {

    /// The number of slots.
    public static final int COUNT = 16384;

    private static final int POLYNOMIAL = 0x1021;
    private static final short[] CRC16 = table();

    private KeySlots() {}

    /// The slot of a key, in [0, 16384).
    public static int slotOf(byte[] key) {
        int open = indexOf(key, '{', 0);
        if (open >= 0) {
            int close = indexOf(key, '}', open + 1);
            if (close > open + 1) {
                return crc16(key, open + 1, close) % COUNT;
            }
        }
        return crc16(key, 0, key.length) % COUNT;
    }

    /// The partition of a slot when `partitions` share the slots in equal ranges; `partitions` is 1 to 16384.
    public static int partitionOf(int slot, int partitions) {
        return (int) ((long) slot * partitions / COUNT);
    }

    /// The partition of a key; the same as asking for its slot's.
    public static int partitionOf(byte[] key, int partitions) {
        return partitionOf(slotOf(key), partitions);
    }

    private static int indexOf(byte[] key, char wanted, int from) {
        for (int i = from; i < key.length; i++) {
            if (key[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static int crc16(byte[] bytes, int from, int to) {
        int crc = 0;
        for (int i = from; i < to; i++) {
            crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >>> 8) ^ (bytes[i] & 0xff)] & 0xffff);
        }
        return crc;
    }

    private static short[] table() {
        short[] table = new short[256];
        for (int i = 0; i < table.length; i++) {
            int crc = i << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
            }
            table[i] = (short) crc;
        }
        return table;
    }
}
