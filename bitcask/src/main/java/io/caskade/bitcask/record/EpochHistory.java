package io.caskade.bitcask.record;

import java.util.ArrayList;
import java.util.List;

/// The epochs of a log, each with its first sequence, in order. Immutable.
///
/// Two copies compare their histories to find where they diverge, as in
/// [KIP-101](https://cwiki.apache.org/confluence/display/KAFKA/KIP-101+-+Alter+Replication+Protocol+to+use+Leader+Epoch+rather+than+High%20Watermark+for+Truncation);
/// truncating by the high watermark instead loses acknowledged writes.
public record EpochHistory(List<Start> starts) {

    /// The first record of an epoch.
    public record Start(int epoch, long sequence) {}

    /// A history without epochs.
    public static final EpochHistory EMPTY = new EpochHistory(List.of());

    /// Checks that epochs and sequences grow.
    public EpochHistory {
        starts = List.copyOf(starts);
        for (int i = 1; i < starts.size(); i++) {
            if (starts.get(i).epoch() <= starts.get(i - 1).epoch()
                    || starts.get(i).sequence() <= starts.get(i - 1).sequence()) {
                throw new IllegalArgumentException("epochs out of order: " + starts);
            }
        }
    }

    /// The history after a record of `epoch` at `sequence` was added: this one, unless the epoch is new.
    public EpochHistory with(int epoch, long sequence) {
        if (!starts.isEmpty() && starts.getLast().epoch() == epoch) {
            return this;
        }
        List<Start> more = new ArrayList<>(starts);
        more.add(new Start(epoch, sequence));
        return new EpochHistory(more);
    }

    /// The history of the records up to and including `sequence`.
    public EpochHistory upTo(long sequence) {
        return new EpochHistory(
                starts.stream().filter(start -> start.sequence() <= sequence).toList());
    }

    /// The epochs of the records from `first` to `last`, each with its first record among them.
    public List<Start> within(long first, long last) {
        List<Start> within = new ArrayList<>();
        for (Start start : starts) {
            if (start.sequence() <= first) {
                within.clear();
            }
            if (start.sequence() <= last) {
                within.add(new Start(start.epoch(), Math.max(first, start.sequence())));
            }
        }
        return within;
    }

    /// The epoch that wrote a record, 0 when unknown.
    public int epochOf(long sequence) {
        int epoch = 0;
        for (Start start : starts) {
            if (start.sequence() <= sequence) {
                epoch = start.epoch();
            }
        }
        return epoch;
    }

    /// The newest epoch, 0 when there is none.
    public int latest() {
        return starts.isEmpty() ? 0 : starts.getLast().epoch();
    }
}
