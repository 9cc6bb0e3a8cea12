package io.caskade.server.simulator;

import io.caskade.bitcask.Entry;
import io.caskade.bitcask.store.Store;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.replica.Proposal.Acks;
import io.caskade.server.replica.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What must hold after every event.
///
/// - *One leader answers*: no two processes may answer reads of a partition at the same time, and no two serve
///   in one epoch.
/// - *No answer is old*: a copy that answers a read had all that was committed when it was made.
/// - *Acknowledged is held*: a write is acknowledged when it is committed, or, with acks LEADER,
///   when its leader holds it.
/// - *No read goes back*: who reads at any copy with a context sees no less than that.
/// - *Any copy shows what was committed*: the state at some high watermark, whole.
/// - *A batch is whole*: see [BatchInvariants].
/// - *The same log*: whatever copies commit at a sequence is the same record.
/// - *Values are what the log says*: a copy that makes records visible shows the last committed value of each
///   key.
/// - *Enough copies hold it*: what a leader commits is safe from a power failure on as many copies as must be
/// in sync.
/// - *The last whole copy is kept*: a copy in sync is set aside only where another in sync is whole.
/// - *No copy is deleted that is needed*: a copy is deleted only once it is not in sync any more, and its node
///   has lost it.
/// - *Nothing is lost*: each copy that could be elected holds, safe from a power failure, all that was
/// committed.
final class Invariants {

    /// What any leader has committed of one partition so far.
    private static final class Committed {
        private final Map<Long, LogEntry> entries = new HashMap<>();

        /// Of each key what was written to it, by sequence.
        private final Map<String, NavigableMap<Long, LogEntry>> keys = new TreeMap<>();

        private long end;
        private int epochOfEnd;

        /// What leaders have acknowledged alone: the epochs, by sequence.
        private final Map<Long, Integer> eager = new HashMap<>();
    }

    private final Simulation simulation;
    private final Map<Integer, Committed> partitions = new HashMap<>();
    private final BatchInvariants batches;

    Invariants(Simulation simulation) {
        this.simulation = simulation;
        this.batches = new BatchInvariants(this, simulation.coverage());
    }

    BatchInvariants batches() {
        return batches;
    }

    private Committed of(int partition) {
        return partitions.computeIfAbsent(partition, _ -> new Committed());
    }

    long committedEnd(int partition) {
        return of(partition).end;
    }

    /// A copy was opened, over what was known to be on the disk.
    void opened(SimulatedPartition by, @Nullable KnownCopy known, Store store) {
        if (known == null || known.damaged() || !known.id().equals(store.id().toString())) {
            return;
        }
        boolean there = store.end() >= known.durableEnd()
                && store.epochs().upTo(known.durableEnd()).equals(known.epochs().upTo(known.durableEnd()));
        if (!there) {
            throw broken(
                    "what was synced is there",
                    by + " was opened with " + store.epochs() + ", but " + known + " was there before");
        }
    }

    /// What a copy has cannot be read.
    void unreadable(SimulatedPartition by, IOException cause) {
        KnownCopy known = by.process().node().known(by.id());
        if (known == null || !known.damaged()) {
            throw broken("what is whole can be read", by + ": " + cause);
        }
    }

    /// A copy has made records visible.
    void committed(SimulatedPartition by, List<LogEntry> entries, long to) {
        Committed committed = of(by.id());
        List<LogEntry> news = new ArrayList<>();
        for (LogEntry entry : entries) {
            LogEntry known = committed.entries.putIfAbsent(entry.sequence(), entry);
            if (known != null && !isSame(known, entry)) {
                throw broken("the same log", by + " committed " + entry + " where " + known + " was");
            }
            if (known == null && !entry.isMark()) {
                committed
                        .keys
                        .computeIfAbsent(entry.key(), _ -> new TreeMap<>())
                        .put(entry.sequence(), entry);
                news.add(entry);
            }
        }
        batches.committed(by, news, committed.keys);
        if (to > committed.end) {
            committed.end = to;
            committed.epochOfEnd = by.store().epochs().upTo(to).latest();
            checkHeld(by, to);
        }
        checkValues(by, committed, to);
    }

    private void checkValues(SimulatedPartition by, Committed committed, long to) {
        committed.keys.forEach((key, written) -> {
            Map.Entry<Long, LogEntry> last = written.floorEntry(to);
            Entry shown;
            try {
                shown = by.get(key);
            } catch (IOException e) {
                unreadable(by, e);
                return;
            }
            boolean right = shown == null
                    ? last == null || isGone(last.getValue())
                    : last != null
                            && shown.version() == last.getValue().sequence()
                            && SimulatedPartition.text(shown.value())
                                    .equals(last.getValue().value());
            if (!right) {
                throw broken(
                        "values are what the log says",
                        by + " shows of " + key + " version " + (shown == null ? "none" : shown.version()) + " at " + to
                                + ", but last was " + last);
            }
        });
    }

    /// What the log says of a key before a record: nothing if it was gone.
    @Nullable
    String valueBefore(int partition, String key, long sequence) {
        Map.Entry<Long, LogEntry> before = of(partition)
                .keys
                .getOrDefault(key, Collections.emptyNavigableMap())
                .lowerEntry(sequence);
        return before == null ? null : before.getValue().value();
    }

    /// What may expire is not shown once a merge has taken it.
    private static boolean isGone(LogEntry entry) {
        return entry.isRemoval() || entry.expiresAt() > 0;
    }

    /// A copy that was spoiled may have held it before.
    private void checkHeld(SimulatedPartition by, long to) {
        Versioned<PartitionState> state = simulation.servers().read(by.id());
        if (state == null) {
            return;
        }
        long holders = state.value().isr().stream()
                .filter(copy ->
                        !isIntact(copy, by.id()) || diskOf(copy, by.id()).durableEnd() >= to)
                .count();
        if (holders < state.value().minInSync()) {
            throw broken(
                    "enough copies hold it",
                    by + " committed " + to + ", which " + holders + " copies hold of " + state.value());
        }
    }

    /// A copy is about to be set aside.
    void setAside(String node, int partition) {
        Versioned<PartitionState> state = simulation.servers().read(partition);
        KnownCopy known = simulation.node(node).known(partition);
        if (state == null || known == null || !state.value().isInSync(new CopyId(node, known.id()))) {
            return;
        }
        boolean another =
                state.value().isr().stream().anyMatch(copy -> !copy.node().equals(node) && isIntact(copy, partition));
        if (!another) {
            throw broken("the last whole copy is kept", node + " sets its copy aside, of " + state.value());
        }
    }

    /// A copy is about to be deleted. The state may have changed since the node has read it, but the copy has
    /// stopped before, so it cannot be in sync any more.
    ///
    /// @param read the state on which that was decided, null if none was read
    void deleted(SimulatedNode node, int partition, @Nullable PartitionState read) {
        Versioned<PartitionState> state = simulation.servers().read(partition);
        KnownCopy known = node.known(partition);
        boolean isSafe = read != null
                && read.replicas().size() == read.isr().size()
                && read.target().isEmpty()
                && !read.replicas().contains(node.name());
        boolean inSync = known != null && state != null && state.value().isInSync(new CopyId(node.name(), known.id()));
        boolean neverUsed =
                read != null && read.epoch() == 0 && !read.replicas().contains(node.name());
        if (inSync || !(isSafe || neverUsed)) {
            throw broken(
                    "no copy is deleted that is needed",
                    node.name() + " deletes its copy on the word of " + read + "; stored is " + state);
        }
    }

    /// Whether a running node still has a copy that the others of its partition can do without.
    boolean isUnneededCopyLeft(int partition) {
        PartitionState state =
                Objects.requireNonNull(simulation.servers().read(partition)).value();
        return simulation.nodes().stream()
                .anyMatch(node ->
                        node.process() != null && state.isSafeWithout(node.name()) && node.hasFilesOf(partition));
    }

    /// Whether a copy is where it should be, and no bit of it has flipped.
    boolean isIntact(CopyId copy, int partition) {
        KnownCopy held = simulation.node(copy.node()).known(partition);
        return held != null && held.id().equals(copy.copy()) && !held.damaged();
    }

    private KnownCopy diskOf(CopyId copy, int partition) {
        return Objects.requireNonNull(simulation.node(copy.node()).known(partition));
    }

    /// A merge may have taken the rest of its batch away, and made a tombstone of what has expired.
    private static boolean isSame(LogEntry known, LogEntry entry) {
        return entry.asBatch().equals(known.asBatch())
                || (known.expiresAt() > 0 && entry.asBatch().equals(known.asRemoval()));
    }

    /// A read was answered.
    ///
    /// @param highWatermark up to where the copy had records visible when it was made
    /// @param end what any leader had committed by then
    void answered(SimulatedPartition by, long highWatermark, long end) {
        if (highWatermark < end) {
            throw broken("no answer is old", by + " read at " + highWatermark + ", but " + end + " was committed");
        }
    }

    /// A write was acknowledged.
    void acknowledged(SimulatedPartition by, Acks acks, long sequence) {
        long reached =
                acks == Acks.ALL ? by.store().highWatermark() : by.store().durableEnd();
        if (acks == Acks.LEADER) {
            of(by.id()).eager.put(sequence, by.store().epochs().latest());
        }
        if (sequence > reached) {
            throw broken(
                    "acknowledged is held",
                    by + " acknowledged " + sequence + " with acks " + acks + ", at " + reached);
        }
    }

    /// A batch was answered.
    ///
    /// @param end what any leader had committed when it was asked for
    void batchAnswered(SimulatedPartition by, SentBatch batch, Answer<WriteBatch.Result> answer, long end) {
        if (answer.value().applied() && batch.writes().isEmpty()) {
            batches.checked(by, batch, answer, end, of(by.id()).keys);
        } else if (answer.value().applied()) {
            acknowledged(by, Acks.ALL, batches.applied(by, batch, answer.value()));
        } else {
            batches.checkFailed(by, batch, answer, end, of(by.id()).keys);
        }
    }

    /// The version that a key has in what is committed, or had last; 0 when it never had any.
    long lastVersion(int partition, String key) {
        NavigableMap<Long, LogEntry> ofKey = of(partition).keys.getOrDefault(key, Collections.emptyNavigableMap());
        return ofKey.isEmpty() ? 0 : ofKey.lastKey();
    }

    /// The version by which a key got a value that was committed; 0 when it never was.
    long versionOf(int partition, String key, String value) {
        return of(partition).keys.getOrDefault(key, Collections.emptyNavigableMap()).values().stream()
                .filter(entry -> value.equals(entry.value()))
                .mapToLong(LogEntry::sequence)
                .findFirst()
                .orElse(0);
    }

    /// A copy has answered a read with a causal context: with the newest value at some high watermark between
    /// the context and the copy's own when it answered.
    void readHere(SimulatedPartition by, String key, Answer<@Nullable FoundRecord> answer, long wanted) {
        long highWatermark = answer.position().sequence();
        if (highWatermark < wanted) {
            throw broken("no read goes back", by + " read at " + highWatermark + " for one who had seen " + wanted);
        }
        FoundRecord found = answer.value();
        NavigableMap<Long, LogEntry> ofKey = of(by.id()).keys.getOrDefault(key, Collections.emptyNavigableMap());
        Long first = ofKey.floorKey(wanted);
        NavigableMap<Long, LogEntry> candidates = ofKey.subMap(first == null ? 0 : first, true, highWatermark, true);
        boolean right = found == null
                ? first == null || candidates.values().stream().anyMatch(Invariants::isGone)
                : candidates.containsKey(found.version())
                        && SimulatedPartition.text(found.value())
                                .equals(candidates.get(found.version()).value());
        if (!right) {
            throw broken(
                    "any copy shows what was committed",
                    by + " read " + (found == null ? "nothing" : "version " + found.version()) + " of " + key + " at "
                            + highWatermark + " for " + wanted + ", where " + candidates + " was committed");
        }
    }

    void check(int partition) {
        checkLeaders(partition);
        checkElectable(partition);
    }

    private void checkLeaders(int partition) {
        SimulatedPartition answering = null;
        Map<Integer, SimulatedPartition> serving = new HashMap<>();
        for (SimulatedNode node : simulation.nodes()) {
            SimulatedProcess process = node.process();
            SimulatedPartition hosted = process == null ? null : process.partition(partition);
            if (process == null || hosted == null || !process.timeline().isRunning()) {
                continue;
            }
            if (hosted.role() instanceof Role.Leader(int epoch)) {
                SimulatedPartition other = serving.put(epoch, hosted);
                if (other != null) {
                    throw broken("one leader an epoch", other + " and " + hosted);
                }
            }
            if (hosted.hasLease()) {
                if (answering != null) {
                    throw broken("one leader answers", answering + " and " + hosted);
                }
                answering = hosted;
            }
        }
    }

    private void checkElectable(int partition) {
        Versioned<PartitionState> state = simulation.servers().read(partition);
        Committed committed = partitions.get(partition);
        if (state == null || committed == null) {
            return;
        }
        for (CopyId electable : state.value().isr()) {
            if (!isIntact(electable, partition)) {
                continue;
            }
            KnownCopy copy = diskOf(electable, partition);
            boolean holds = copy.durableEnd() >= committed.end
                    && copy.epochs().upTo(committed.end).latest() == committed.epochOfEnd;
            if (!holds) {
                throw broken(
                        "nothing is lost",
                        electable + " is in sync and durable to " + copy.durableEnd() + " in epochs " + copy.epochs()
                                + ", but " + committed.end + " of epoch " + committed.epochOfEnd + " was committed");
            }
        }
    }

    /// After healing: all copies in sync are the same.
    void checkSame(int partition) {
        SimulatedPartition first = null;
        PartitionState state =
                Objects.requireNonNull(simulation.servers().read(partition)).value();
        for (String node : state.replicas()) {
            SimulatedPartition copy = Objects.requireNonNull(
                    Objects.requireNonNull(simulation.node(node).process()).partition(partition));
            if (first == null) {
                first = copy;
            } else if (first.store().end() != copy.store().end()
                    || first.store().highWatermark() != copy.store().highWatermark()
                    || !first.store().epochs().equals(copy.store().epochs())
                    || first.store().logTime() != copy.store().logTime()
                    || !values(first).equals(values(copy))) {
                throw broken(
                        "logs agree after healing",
                        standing(first) + " but " + standing(copy) + ", values the same: "
                                + values(first).equals(values(copy)));
            }
        }
    }

    private static String standing(SimulatedPartition copy) {
        return copy + ", high watermark " + copy.store().highWatermark() + ", log time "
                + copy.store().logTime() + " " + copy.store().epochs();
    }

    /// How many writes are not there that a leader alone has acknowledged.
    long lost(int partition) {
        Committed committed = of(partition);
        return committed.eager.entrySet().stream()
                .filter(write -> !isCommitted(committed, write.getKey(), write.getValue()))
                .count();
    }

    private static boolean isCommitted(Committed committed, long sequence, int epoch) {
        LogEntry entry = committed.entries.get(sequence);
        return entry != null && entry.epoch() == epoch;
    }

    private Map<String, String> values(SimulatedPartition copy) {
        Map<String, String> values = new HashMap<>();
        for (String key : of(copy.id()).keys.keySet()) {
            try {
                Entry entry = copy.get(key);
                if (entry != null && !entry.isExpiredAt(copy.store().logTime())) {
                    values.put(key, SimulatedPartition.text(entry.value()));
                }
            } catch (IOException e) {
                throw broken("what is whole can be read", copy + ": " + e);
            }
        }
        return values;
    }

    InvariantBroken broken(String invariant, String what) {
        InvariantBroken broken =
                new InvariantBroken(simulation.seed(), simulation.world().now(), invariant, what);
        simulation.fail(broken);
        return broken;
    }
}
