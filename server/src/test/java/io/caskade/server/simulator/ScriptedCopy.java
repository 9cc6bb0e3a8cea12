package io.caskade.server.simulator;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.replica.Effects;
import io.caskade.server.replica.RecoveredCopy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A copy that a script tells of, with the contract of the real store: batches are appended whole or not at
/// all, bytes last once they are synced, truncation lasts when it returns and voids the syncs in progress, only
/// what is committed is visible, and a merge drops what later records have replaced.
///
/// What outlives the process is the log, up to where a crash tears it, and what the copy was told to keep.
final class ScriptedCopy {

    /// A sync that was asked for.
    record Sync(long truncations, long end) {}

    private String id;
    private List<LogEntry> log = new ArrayList<>();
    private EpochHistory epochs = EpochHistory.EMPTY;
    private Effects.Bounds bounds = new Effects.Bounds(0, 0, 0);

    /// The last sequence the log covers, which a merge may have taken the record of.
    private long end;

    private long durableEnd;
    private long truncations;

    /// Up to here merges may have left gaps.
    private long mergedEnd;

    // What a process knows and loses.

    private final Map<String, LogEntry> visible = new HashMap<>();
    private long highWatermark;
    private long logTime;

    ScriptedCopy(String id) {
        this.id = id;
    }

    String id() {
        return id;
    }

    long end() {
        return end;
    }

    long durableEnd() {
        return durableEnd;
    }

    long highWatermark() {
        return highWatermark;
    }

    long logTime() {
        return logTime;
    }

    /// Up to here the log may have gaps, from merges of its own or of those it was fed by.
    long mergedEnd() {
        return Math.max(mergedEnd, bounds.completeAt());
    }

    EpochHistory epochs() {
        return epochs;
    }

    Effects.Bounds bounds() {
        return bounds;
    }

    List<LogEntry> log() {
        return log;
    }

    @Nullable
    LogEntry get(String key) {
        return visible.get(key);
    }

    Map<String, LogEntry> visible() {
        return visible;
    }

    void keep(Effects.Bounds kept) {
        bounds = kept;
    }

    void append(List<LogEntry> batches, long to) {
        for (LogEntry entry : batches) {
            if (entry.sequence() <= end || entry.epoch() < epochs.latest()) {
                throw new IllegalStateException(entry + " does not continue a log that ends with " + end);
            }
            log.add(entry);
            end = entry.sequence();
            epochs = epochs.with(entry.epoch(), entry.sequence());
        }
        end = to;
    }

    /// As [#append], of a leader's log: the history is the leader's, since merging may have taken the records
    /// that began its epochs.
    void appendReplicated(List<LogEntry> batches, long to, EpochHistory leaders) {
        append(batches, to);
        epochs = leaders;
    }

    Sync beginSync() {
        return new Sync(truncations, end);
    }

    void endSync(Sync sync) {
        if (sync.truncations() == truncations) {
            durableEnd = Math.max(durableEnd, sync.end());
        }
    }

    void truncate(long last) {
        if (last < highWatermark) {
            throw new IllegalStateException("cut to " + last + " below the high watermark, " + highWatermark);
        }
        cut(last);
    }

    private void cut(long last) {
        truncations++;
        log = new ArrayList<>(
                log.stream().filter(entry -> entry.sequence() <= last).toList());
        end = Math.min(end, last);
        durableEnd = Math.min(durableEnd, last);
        epochs = epochs.upTo(last);
    }

    /// The batches after a sequence, about a number of records.
    List<LogEntry> read(long from, int most) {
        List<LogEntry> read = new ArrayList<>();
        for (int i = indexBehind(from); i < log.size(); i++) {
            LogEntry entry = log.get(i);
            read.add(entry);
            if (read.size() >= most && entry.endsBatch()) {
                break;
            }
        }
        return read;
    }

    private int indexBehind(long sequence) {
        int low = 0;
        int high = log.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (log.get(middle).sequence() <= sequence) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// Makes records visible.
    ///
    /// @return those that became it
    List<LogEntry> commit(long to) {
        if (to > end) {
            throw new IllegalStateException("commits " + to + " beyond the end, " + end);
        }
        List<LogEntry> committed = new ArrayList<>();
        for (int i = indexBehind(highWatermark); i < log.size() && log.get(i).sequence() <= to; i++) {
            LogEntry entry = log.get(i);
            committed.add(entry);
            if (entry.isMark()) {
                logTime = Math.max(logTime, entry.time());
            } else if (entry.isRemoval()) {
                visible.remove(entry.key());
            } else {
                visible.put(entry.key(), entry);
            }
        }
        highWatermark = Math.max(highWatermark, to);
        return committed;
    }

    /// Drops what later committed records have replaced, below the durable high watermark, and tombstones that
    /// everybody has, be they told or a matter of the log's time.
    void merge(long purgeHorizon) {
        long limit = Math.min(highWatermark, durableEnd);
        Set<String> later = new HashSet<>();
        List<LogEntry> kept = new ArrayList<>();
        for (LogEntry entry : log.reversed()) {
            boolean replaced = !entry.isMark() && later.contains(entry.key());
            boolean gone = entry.isRemoval() || entry.isExpiredAt(logTime);
            boolean purged = gone && entry.sequence() <= purgeHorizon;
            if (entry.sequence() > limit || !(replaced || purged)) {
                kept.add(entry.sequence() > limit ? entry : entry.asBatch());
            }
            if (!entry.isMark() && entry.sequence() <= limit) {
                later.add(entry.key());
            }
        }
        log = new ArrayList<>(kept.reversed());
        mergedEnd = Math.max(mergedEnd, limit);
    }

    /// The machine loses its power: of what is not synced any tail may be gone.
    void losePower(RandomGenerator random) {
        long keep = durableEnd + (end > durableEnd ? random.nextLong(end - durableEnd + 1) : 0);
        long whole = durableEnd;
        for (LogEntry entry : log) {
            if (entry.sequence() <= keep && entry.endsBatch()) {
                whole = Math.max(whole, entry.sequence());
            }
        }
        cut(whole);
    }

    /// Opens the copy in a new process. What is kept was written and synced again before.
    RecoveredCopy recover() {
        durableEnd = end;
        highWatermark = 0;
        logTime = 0;
        visible.clear();
        long known = 0;
        for (LogEntry entry : log) {
            if (entry.isMark()) {
                known = Math.max(known, entry.highWatermark());
            }
        }
        commit(Math.min(end, Math.max(known, mergedEnd)));
        return new RecoveredCopy(
                epochs, end, durableEnd, highWatermark, bounds.purgeHorizon(), bounds.completeAt(), logTime);
    }

    /// Wipes everything under another identity.
    void wipe(String newId) {
        id = newId;
        log = new ArrayList<>();
        epochs = EpochHistory.EMPTY;
        bounds = new Effects.Bounds(0, 0, 0);
        end = 0;
        durableEnd = 0;
        truncations++;
        mergedEnd = 0;
        visible.clear();
        highWatermark = 0;
        logTime = 0;
    }
}
