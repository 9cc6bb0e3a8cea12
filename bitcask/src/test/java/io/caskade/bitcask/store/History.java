package io.caskade.bitcask.store;

import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.EpochHistory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A plain map's view of a store's log: what was written, record by record, and what a store that ends with
/// one of the records must show.
public final class History {

    /// What one record does; a key of null is a CLEAR, or, with a value, a MARK.
    private record Step(
            int epoch, @Nullable String key, @Nullable String value) {}

    private final List<Step> steps = new ArrayList<>();
    private final TreeSet<Long> batchEnds = new TreeSet<>();
    private final BatchEncoder encoder = new BatchEncoder();

    private int epoch;

    public History() {
        batchEnds.add(0L);
    }

    public long end() {
        return steps.size();
    }

    boolean hasBatchEnd(long sequence) {
        return batchEnds.contains(sequence);
    }

    /// The last end of a batch at or before a record.
    long batchEndUpTo(long sequence) {
        Long end = batchEnds.floor(sequence);
        return end == null ? 0 : end;
    }

    /// Forgets what a crash or a truncation has taken.
    void cut(long end) {
        steps.subList((int) end, steps.size()).clear();
        batchEnds.tailSet(end, false).clear();
    }

    /// What a store that has committed everything up to a record shows.
    public Map<String, String> mapAt(long end) {
        Map<String, String> map = new TreeMap<>();
        for (Step step : steps.subList(0, (int) end)) {
            if (step.key() != null && step.value() != null) {
                map.put(step.key(), step.value());
            } else if (step.key() != null) {
                map.remove(step.key());
            } else if (step.value() == null) {
                map.clear();
            }
        }
        return map;
    }

    /// Which epochs wrote it.
    EpochHistory epochs() {
        EpochHistory epochs = EpochHistory.EMPTY;
        for (int i = 0; i < steps.size(); i++) {
            epochs = epochs.with(steps.get(i).epoch(), i + 1);
        }
        return epochs;
    }

    /// Makes up one group commit: a MARK and some batches.
    public ByteBuffer group(Random random, int epoch, long highWatermark) {
        this.epoch = epoch;
        encoder.start(epoch, end() + 1);
        encoder.mark(1_000_000 + end(), highWatermark);
        add(null, "a mark");
        batchEnds.add(end());
        int batches = random.nextInt(4);
        for (int i = 0; i < batches; i++) {
            if (random.nextInt(30) == 0) {
                encoder.clear();
                add(null, null);
            } else {
                batch(random);
            }
            batchEnds.add(end());
        }
        return encoder.group();
    }

    private void batch(Random random) {
        int records = 1 + random.nextInt(3);
        for (int i = 0; i < records; i++) {
            String key = "key" + random.nextInt(20);
            if (random.nextInt(4) == 0) {
                encoder.tombstone(StoreOnDisk.bytes(key));
                add(key, null);
            } else {
                int length = random.nextInt(12) == 0 ? random.nextInt(1_500) : random.nextInt(30);
                String value = end() + "x".repeat(length);
                encoder.put(StoreOnDisk.bytes(key), StoreOnDisk.bytes(value), 0);
                add(key, value);
            }
        }
        encoder.endBatch();
    }

    private void add(@Nullable String key, @Nullable String value) {
        steps.add(new Step(epoch, key, value));
    }
}
