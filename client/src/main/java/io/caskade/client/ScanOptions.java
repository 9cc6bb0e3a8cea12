package io.caskade.client;

/// What a scan lists.
///
/// @param prefix   only keys that begin with these bytes
/// @param keysOnly leaves the values out
/// @param pageSize the maximum number of records per page, 1 to 10000
public record ScanOptions(Bytes prefix, boolean keysOnly, int pageSize) {

    /// The maximum page size.
    public static final int MAX_PAGE_SIZE = 10_000;

    /// Every record, 100 per page.
    public static final ScanOptions DEFAULT = new ScanOptions(Bytes.EMPTY, false, 100);

    /// Rejects a page size out of range.
    public ScanOptions {
        if (pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
            throw new IllegalArgumentException("a page has 1 to " + MAX_PAGE_SIZE + " records, not " + pageSize);
        }
    }

    /// The same with another prefix.
    public ScanOptions withPrefix(byte[] other) {
        return new ScanOptions(Bytes.of(other), keysOnly, pageSize);
    }

    /// The same without values.
    public ScanOptions withoutValues() {
        return new ScanOptions(prefix, true, pageSize);
    }

    /// The same with another page size, 1 to 10000.
    public ScanOptions withPageSize(int other) {
        return new ScanOptions(prefix, keysOnly, other);
    }
}
