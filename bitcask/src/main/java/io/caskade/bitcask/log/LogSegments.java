package io.caskade.bitcask.log;

import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.segment.Segment;
import io.caskade.bitcask.segment.SegmentScanner;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The segments of one log: in the order of their sequences for its writer, and by number for its readers.
///
/// Only the writer calls what does not say otherwise. A segment that was merged away has left the order, but
/// keeps its number until no reader may look it up.
final class LogSegments {

    /// By first sequence.
    private final NavigableMap<Long, Segment> bySequence = new TreeMap<>();

    /// Those of them that have no hint yet; the newest is among them.
    private final NavigableMap<Long, Segment> unhinted = new TreeMap<>();

    /// For readers; replaced as a whole when a segment is added.
    private volatile @Nullable Segment[] byNumber;

    /// Merged away, but readers may still use them.
    private final List<Segment> retiring = new ArrayList<>();

    private final AtomicLong fileBytes = new AtomicLong();

    /// @param found what an opening found, oldest first
    /// @param nextNumber larger than all of their numbers
    LogSegments(List<Segment> found, int nextNumber) {
        @Nullable Segment[] all = new @Nullable Segment[nextNumber];
        for (Segment segment : found) {
            all[segment.number()] = segment;
            put(segment);
            fileBytes.addAndGet(segment.fileBytes() + segment.hintBytes());
        }
        this.byNumber = all;
    }

    private void put(Segment segment) {
        bySequence.put(segment.baseSequence(), segment);
        if (!segment.isHinted()) {
            unhinted.put(segment.baseSequence(), segment);
        }
    }

    /// Adds the newest segment.
    void add(Segment segment) {
        put(segment);
        fileBytes.addAndGet(segment.fileBytes());
        setNumbered(Arrays.copyOf(byNumber, byNumber.length + 1), segment);
    }

    private void setNumbered(@Nullable Segment[] all, Segment segment) {
        all[segment.number()] = segment;
        byNumber = all;
    }

    void remove(Segment segment) {
        bySequence.remove(segment.baseSequence());
        unhinted.remove(segment.baseSequence());
    }

    @Nullable
    Segment newest() {
        Map.Entry<Long, Segment> last = bySequence.lastEntry();
        return last == null ? null : last.getValue();
    }

    Collection<Segment> oldestFirst() {
        return Collections.unmodifiableCollection(bySequence.values());
    }

    Collection<Segment> newestFirst() {
        return Collections.unmodifiableCollection(bySequence.descendingMap().values());
    }

    /// Those that cover sequences up to `last`.
    List<Segment> upTo(long last) {
        return List.copyOf(bySequence.headMap(last, true).values());
    }

    /// Those that cover sequences of a range, the first of which begins one of them.
    List<Segment> between(long first, long last) {
        return List.copyOf(bySequence.subMap(first, true, last, true).values());
    }

    /// The segment that covers a sequence, or the oldest one when none does.
    @Nullable
    Segment covering(long sequence) {
        Map.Entry<Long, Segment> found = bySequence.floorEntry(sequence);
        found = found == null ? bySequence.firstEntry() : found;
        return found == null ? null : found.getValue();
    }

    /// The last sequence of a sealed segment.
    long lastOf(Segment sealed) {
        return bySequence.higherKey(sealed.baseSequence()) - 1;
    }

    /// The offset in its segment at which a record ends; 0 when no segment covers it.
    long endOf(long sequence) throws IOException {
        Map.Entry<Long, Segment> holder = bySequence.floorEntry(sequence);
        return holder == null ? 0 : SegmentScanner.endOf(holder.getValue(), sequence);
    }

    /// The oldest sealed segment without a hint that has no record beyond `limit`, from now on counted as
    /// hinted; null when there is none, apart from the newest sealed ones that have together at most
    /// `maxUnhintedBytes` bytes.
    @Nullable
    Segment takeUnhinted(long limit, long maxUnhintedBytes) {
        Map.Entry<Long, Segment> oldest = unhinted.firstEntry();
        if (oldest == null || oldest.getKey() >= firstUnhintedBase(limit, maxUnhintedBytes)) {
            return null;
        }
        oldest.getValue().markHinted();
        unhinted.remove(oldest.getKey());
        return oldest.getValue();
    }

    /// The first sequence of the oldest segment that needs no hint: it has records beyond `limit`, or is among
    /// the newest sealed ones that have together at most `maxBytes` bytes. Costs no more with many segments.
    private long firstUnhintedBase(long limit, long maxBytes) {
        long base = Long.MAX_VALUE;
        long bytes = 0;
        for (Segment segment : bySequence.descendingMap().values()) {
            boolean sealed = segment != newest() && lastOf(segment) <= limit;
            bytes += sealed ? segment.end() : 0;
            if (bytes > maxBytes) {
                return base;
            }
            base = segment.baseSequence();
        }
        return base;
    }

    /// The number of the segment that is added next.
    int nextNumber() {
        return byNumber.length;
    }

    /// Takes a number for the segment of a merge.
    int takeNumber() {
        int number = byNumber.length;
        byNumber = Arrays.copyOf(byNumber, number + 1);
        return number;
    }

    /// The segment that a location is in, or null when it was merged away. For any thread.
    @Nullable
    Segment find(long location) {
        return byNumber[Location.segment(location)];
    }

    /// The segment that a location is in. For any thread.
    ///
    /// @throws ClosedChannelException when it was merged away
    Segment at(long location) throws ClosedChannelException {
        Segment segment = byNumber[Location.segment(location)];
        if (segment == null) {
            throw new ClosedChannelException();
        }
        return segment;
    }

    /// The segment with a number.
    Segment numbered(int number) {
        Segment segment = byNumber[number];
        if (segment == null) {
            throw new IllegalArgumentException("segment " + number + " was merged away");
        }
        return segment;
    }

    /// Puts a merged segment in the place of its run, which readers may still use.
    void replace(List<Segment> run, Segment merged) {
        run.forEach(this::remove);
        put(merged);
        retiring.addAll(run);
        merged.map();
        setNumbered(byNumber.clone(), merged);
    }

    /// Takes a run that was replaced out of readers' sight.
    void retire(List<Segment> run) {
        @Nullable Segment[] all = byNumber.clone();
        run.forEach(segment -> all[segment.number()] = null);
        retiring.removeAll(Set.copyOf(run));
        byNumber = all;
    }

    /// Whether readers may still use segments that were merged away.
    boolean isRetiring() {
        return !retiring.isEmpty();
    }

    /// The length of all files: the segments and their hints, what a merge has written so far, and what was
    /// merged away until it is deleted. For any thread.
    long fileBytes() {
        return fileBytes.get();
    }

    /// Counts a change of the files' length. For any thread.
    void addFileBytes(long difference) {
        if (difference != 0) {
            fileBytes.addAndGet(difference);
        }
    }

    /// Maps all segments, and lets those rest that are sealed.
    void map() {
        Segment newest = newest();
        for (Segment segment : bySequence.values()) {
            segment.map();
            if (segment != newest) {
                segment.rest();
            }
        }
    }

    /// Releases all of them.
    void release() throws IOException {
        List<Segment> all = new ArrayList<>(bySequence.values());
        all.addAll(retiring);
        bySequence.clear();
        unhinted.clear();
        retiring.clear();
        for (Segment segment : all) {
            segment.release();
        }
    }
}
