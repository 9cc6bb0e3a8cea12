package io.caskade.bitcask.keydir;

/// One page of a scan: locations in hash order, and where the next page starts. Immutable.
public final class KeydirPage {

    private final long[] entries;
    private final int size;
    private final long next;

    KeydirPage(long[] entries, int size, long next) {
        this.entries = entries;
        this.size = size;
        this.next = next;
    }

    /// A page of the `copied` entries except the last and those with the same position: the next page starts
    /// with them.
    static KeydirPage cut(long[] entries, int copied) {
        long next = entries[3 * (copied - 1)];
        int size = copied - 1;
        while (size > 0 && entries[3 * (size - 1)] == next) {
            size--;
        }
        return new KeydirPage(entries, size, next);
    }

    /// The number of keys on the page; 0 does not mean that the scan is complete.
    public int size() {
        return size;
    }

    /// The position of the key at `index`: the upper half of its hash.
    public long position(int index) {
        return entries[3 * index];
    }

    /// The lower half of the hash of the key at `index`.
    public long low(int index) {
        return entries[3 * index + 1];
    }

    /// The hash of the key at `index`.
    public KeyHash hash(int index) {
        return new KeyHash(entries[3 * index], entries[3 * index + 1]);
    }

    /// The location of the key at `index`.
    public long location(int index) {
        return entries[3 * index + 2];
    }

    /// The position the next page starts at; 0 when this page is the last.
    public long next() {
        return next;
    }
}
