package io.caskade.cli.migration;

import io.caskade.cli.command.GlobPattern;
import io.caskade.client.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// A store in memory, which lists its keys in order, some to a page, and fails and refuses as a test wants it.
final class MapStore implements MigrationStore {

    private static final int PAGE = 3;

    private final Map<String, StringRecord> records = new TreeMap<>();
    private final Map<String, String> others = new TreeMap<>();
    private final Set<String> refused = new HashSet<>();
    private int pagesUntilFailure = Integer.MAX_VALUE;
    private Runnable beforePage = () -> {};

    /// Keeps a string that never expires.
    MapStore put(String key, String value) {
        return put(key, value, StringRecord.NEVER);
    }

    MapStore put(String key, String value, long expiresAt) {
        records.put(key, new StringRecord(Bytes.utf8(key), Bytes.utf8(value), expiresAt));
        return this;
    }

    /// Keeps something that is no string.
    MapStore putOther(String key, String type) {
        others.put(key, type);
        return this;
    }

    void remove(String key) {
        records.remove(key);
    }

    /// Refuses a key from now on.
    MapStore refuse(String key) {
        refused.add(key);
        return this;
    }

    /// Lists so many pages from now on, and fails then.
    void failAfter(int pages) {
        pagesUntilFailure = pages;
    }

    /// Does something before each page.
    void beforePage(Runnable action) {
        beforePage = action;
    }

    Map<String, StringRecord> records() {
        return records;
    }

    @Override
    public String name() {
        return "map";
    }

    @Override
    public String cursorsOf() {
        return "order";
    }

    @Override
    public String start() {
        return "0";
    }

    @Override
    public Optional<String> scan(String cursor, GlobPattern match, BatchSize size, BatchConsumer consumer)
            throws IOException, InterruptedException {
        beforePage.run();
        if (pagesUntilFailure-- == 0) {
            throw new IOException("as the test wants it");
        }
        Set<String> all = new TreeSet<>(records.keySet());
        all.addAll(others.keySet());
        List<String> keys = List.copyOf(all);
        int from = Integer.parseInt(cursor);
        int to = Math.min(keys.size(), from + PAGE);
        List<StringRecord> found = new ArrayList<>();
        List<SkippedKey> skipped = new ArrayList<>();
        for (String key : keys.subList(from, to)) {
            if (!match.matches(Bytes.utf8(key))) {
                continue;
            }
            StringRecord record = records.get(key);
            if (record == null) {
                skipped.add(new SkippedKey(Bytes.utf8(key), String.valueOf(others.get(key)), ""));
            } else {
                found.add(record);
            }
        }
        consumer.accept(new KeyBatch(found, skipped, 0));
        return to == keys.size() ? Optional.empty() : Optional.of(Integer.toString(to));
    }

    @Override
    public double fractionListed(String cursor, long listed, GlobPattern match) {
        return Double.parseDouble(cursor) / (records.size() + others.size());
    }

    @Override
    public List<SkippedKey> write(List<StringRecord> written) {
        List<SkippedKey> untaken = new ArrayList<>();
        for (StringRecord record : written) {
            String key = record.key().utf8().orElseThrow();
            if (refused.contains(key)) {
                untaken.add(new SkippedKey(record.key(), SkippedKey.REFUSED, "too large"));
            } else {
                records.put(key, record);
            }
        }
        return untaken;
    }

    @Override
    public List<Optional<StringRecord>> read(List<Bytes> keys) {
        return keys.stream()
                .map(key -> Optional.ofNullable(records.get(key.utf8().orElseThrow())))
                .toList();
    }

    @Override
    public long expiryTolerance() {
        return 0;
    }
}
