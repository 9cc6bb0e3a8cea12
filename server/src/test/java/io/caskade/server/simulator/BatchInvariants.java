package io.caskade.server.simulator;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.WriteBatch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What must hold of clients' batches.
///
/// - *A batch is whole*: its records are committed together, next to each other, as one batch of the log.
/// - *Checks are obeyed*: they were true of what was committed right before it.
/// - *Checks hold together*: of a batch that only checks, all were true of one committed state between the
///   question and the answer.
/// - *A check that failed was false*: of something that was committed by the time of the answer.
/// - *What is refused is not done*: of a batch that was refused, or whose check failed, nothing is committed.
/// - *Each command tells what it did*: one that failed changes nothing for the others.
final class BatchInvariants {

    private final Invariants invariants;
    private final Coverage coverage;

    /// By each of the values they write.
    private final Map<String, SentBatch> sent = new HashMap<>();

    /// The first sequence of those that are committed, by their names.
    private final Map<String, Long> committed = new HashMap<>();

    private final Set<String> refused = new LinkedHashSet<>();
    private final Set<String> unknown = new LinkedHashSet<>();

    BatchInvariants(Invariants invariants, Coverage coverage) {
        this.invariants = invariants;
        this.coverage = coverage;
    }

    /// A client is about to send it.
    void sent(SentBatch batch) {
        batch.writes().forEach(write -> sent.put(write.value(), batch));
    }

    /// Its client was told that nothing was done.
    void refused(SentBatch batch) {
        refused.add(batch.name());
        requireNotDone(batch);
    }

    /// Its client does not know what became of it.
    void unknown(SentBatch batch) {
        unknown.add(batch.name());
    }

    private void requireNotDone(SentBatch batch) {
        if (refused.contains(batch.name()) && committed.containsKey(batch.name())) {
            throw invariants.broken("what is refused is not done", batch + " was committed");
        }
    }

    /// Records are committed that were not before.
    ///
    /// @param keys of each key what was written to it, by sequence
    void committed(SimulatedPartition by, List<LogEntry> news, Map<String, NavigableMap<Long, LogEntry>> keys) {
        Set<SentBatch> touched = new LinkedHashSet<>();
        for (LogEntry entry : news) {
            SentBatch batch = entry.value() == null ? null : sent.get(entry.value());
            if (batch != null) {
                touched.add(batch);
            }
        }
        for (SentBatch batch : touched) {
            List<LogEntry> records = news.stream()
                    .filter(entry -> entry.value() != null && batch.equals(sent.get(entry.value())))
                    .toList();
            requireWhole(by, batch, records);
            long first = records.getFirst().sequence();
            requireChecked(by, batch, first, keys);
            if (committed.put(batch.name(), first) != null) {
                throw invariants.broken("a batch is whole", batch + " was committed twice");
            }
            requireNotDone(batch);
            count(batch);
        }
    }

    private void count(SentBatch batch) {
        coverage.reached("batch committed");
        if (!batch.batch().checks().isEmpty()) {
            coverage.reached("batch committed after checks");
        }
        if (unknown.contains(batch.name())) {
            coverage.reached("batch committed of unknown outcome");
        }
    }

    private void requireWhole(SimulatedPartition by, SentBatch batch, List<LogEntry> records) {
        boolean whole = records.size() == batch.writes().size();
        for (int i = 0; whole && i < records.size(); i++) {
            LogEntry record = records.get(i);
            whole = record.key().equals(batch.writes().get(i).key())
                    && batch.writes().get(i).value().equals(record.value())
                    && record.sequence() == records.getFirst().sequence() + i
                    && record.endsBatch() == (i == records.size() - 1);
        }
        if (!whole) {
            throw invariants.broken("a batch is whole", by + " committed of " + batch + " " + records);
        }
    }

    private void requireChecked(
            SimulatedPartition by, SentBatch batch, long first, Map<String, NavigableMap<Long, LogEntry>> keys) {
        for (WriteBatch.Check check : batch.batch().checks()) {
            Map.Entry<Long, LogEntry> before = ofKey(check, keys).lowerEntry(first);
            LogEntry found = before == null ? null : before.getValue();
            if (!mayHold(check.condition(), found)) {
                throw invariants.broken("checks are obeyed", by + " committed " + batch + " after " + found);
            }
        }
    }

    private static NavigableMap<Long, LogEntry> ofKey(
            WriteBatch.Check check, Map<String, NavigableMap<Long, LogEntry>> keys) {
        return keys.getOrDefault(SimulatedPartition.text(check.key()), Collections.emptyNavigableMap());
    }

    /// What expires may be there or gone.
    private static boolean mayHold(Condition condition, @Nullable LogEntry found) {
        boolean there = found != null && !found.isRemoval();
        return switch (condition) {
            case Condition.None _ -> true;
            case Condition.Absent _ -> !there || Objects.requireNonNull(found).expiresAt() > 0;
            case Condition.Present _ -> there;
            case Condition.Version(long version) ->
                there && Objects.requireNonNull(found).sequence() == version;
        };
    }

    private static boolean mayFail(Condition condition, @Nullable LogEntry found) {
        boolean there = found != null && !found.isRemoval();
        boolean lasts = there && Objects.requireNonNull(found).expiresAt() == 0;
        return switch (condition) {
            case Condition.None _ -> false;
            case Condition.Absent _ -> there;
            case Condition.Present _ -> !lasts;
            case Condition.Version(long version) ->
                !lasts || Objects.requireNonNull(found).sequence() != version;
        };
    }

    /// A batch was answered as applied.
    ///
    /// @return the sequence of its last record
    long applied(SimulatedPartition by, SentBatch batch, WriteBatch.Result result) {
        List<Long> versions = new ArrayList<>();
        boolean told = result.outcomes().size() == batch.batch().commands().size();
        for (int i = 0; told && i < result.outcomes().size(); i++) {
            boolean fails = batch.batch().commands().get(i) instanceof Command.Increment;
            switch (result.outcomes().get(i)) {
                case WriteBatch.Outcome.Done(Command.Result done) -> {
                    told = !fails && done.applied();
                    versions.add(done.version());
                }
                case WriteBatch.Outcome.Refused _ -> {
                    told = fails;
                    coverage.reached("batch with a command that failed");
                }
            }
        }
        if (!told) {
            throw invariants.broken("each command tells what it did", by + " answered " + batch + " " + result);
        }
        Long first = committed.get(batch.name());
        boolean there = first != null
                && versions.equals(Stream.iterate(first, sequence -> sequence + 1)
                        .limit(versions.size())
                        .toList());
        if (!there) {
            throw invariants.broken(
                    "acknowledged is held", by + " answered " + batch + " " + result + ", committed at " + first);
        }
        return versions.getLast();
    }

    /// A batch that only checks was answered as applied.
    ///
    /// @param end what any leader had committed when it was asked for
    /// @param keys of each key what was written to it, by sequence
    void checked(
            SimulatedPartition by,
            SentBatch batch,
            Answer<WriteBatch.Result> answer,
            long end,
            Map<String, NavigableMap<Long, LogEntry>> keys) {
        Set<Long> states = new TreeSet<>(Set.of(end));
        for (WriteBatch.Check check : batch.batch().checks()) {
            ofKey(check, keys)
                    .subMap(end, false, Math.max(end, answer.position().sequence()), true)
                    .values()
                    .forEach(entry -> states.add(endOfBatch(entry)));
        }
        if (states.stream().noneMatch(state -> hold(batch, state, keys))) {
            throw invariants.broken(
                    "checks hold together", by + " answered " + batch + " " + answer + ", asked at " + end);
        }
    }

    /// A part of a batch is no state.
    private long endOfBatch(LogEntry entry) {
        SentBatch batch = entry.value() == null ? null : sent.get(entry.value());
        Long first = batch == null ? null : committed.get(batch.name());
        return batch == null || first == null
                ? entry.sequence()
                : first + batch.writes().size() - 1;
    }

    private static boolean hold(SentBatch batch, long state, Map<String, NavigableMap<Long, LogEntry>> keys) {
        return batch.batch().checks().stream().allMatch(check -> {
            Map.Entry<Long, LogEntry> last = ofKey(check, keys).floorEntry(state);
            return mayHold(check.condition(), last == null ? null : last.getValue());
        });
    }

    /// A batch was answered as not applied.
    ///
    /// @param end what any leader had committed when it was asked for
    /// @param keys of each key what was written to it, by sequence
    void checkFailed(
            SimulatedPartition by,
            SentBatch batch,
            Answer<WriteBatch.Result> answer,
            long end,
            Map<String, NavigableMap<Long, LogEntry>> keys) {
        refused(batch);
        WriteBatch.Check failed = batch.batch().checks().get(answer.value().failedCheck());
        NavigableMap<Long, LogEntry> ofKey = ofKey(failed, keys);
        Map.Entry<Long, LogEntry> first = ofKey.floorEntry(end);
        Stream<LogEntry> later =
                ofKey.subMap(end, false, Math.max(end, answer.position().sequence()), true).values().stream();
        boolean right = mayFail(failed.condition(), first == null ? null : first.getValue())
                || later.anyMatch(entry -> mayFail(failed.condition(), entry));
        if (!right) {
            throw invariants.broken(
                    "a check that failed was false",
                    by + " answered " + batch + " " + answer + ", asked at " + end + ", where " + ofKey
                            + " was committed");
        }
    }
}
