package io.caskade.server.simulator;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.CatchUpThrottle;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.DiskSpace;
import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Proposal;
import io.caskade.server.replica.RecordDraft;
import io.caskade.server.replica.Refusal;
import io.caskade.server.replica.Replica;
import io.caskade.server.replica.ReplicaOptions;
import io.caskade.server.replica.Role;
import io.caskade.server.replica.Timeouts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// A node of a script: its disk, and the replica of the process that runs there, whose effects it carries out
/// and writes down. What takes its time, a sync or a compare-and-set, ends when the script says so.
final class ScriptedNode {

    private static final long STREAMS_A_PROCESS = 100;
    private static final int CHUNK_RECORDS = 20;
    private static final int IDLE_MARK_MILLIS = 1_000_000;

    /// What a client asked for, and what it is told if it is told anything.
    private record Asked(String what, String answer) {}

    /// A compare-and-set that may arrive after the process that sent it has ended.
    private record Write(int process, Effects.StateWrite write) {}

    private final Scenario scenario;
    private final String name;
    private Timeouts timeouts;

    /// What the last process kept to; outlives it.
    private long formerGrace;
    private final ScriptedCopy copy;
    private final Deque<ScriptedCopy.Sync> syncs = new ArrayDeque<>();
    private final Deque<Write> writes = new ArrayDeque<>();
    private final Deque<Event> answers = new ArrayDeque<>();
    private final Map<Long, Asked> asked = new HashMap<>();

    private int processes;
    private int copies = 1;
    private long tokens;
    private long suspended;
    private boolean paused;
    private boolean diskHangs;
    private boolean diskFull;
    private int toldVersion;
    private @Nullable Replica replica;

    ScriptedNode(Scenario scenario, String name) {
        this.scenario = scenario;
        this.name = name;
        this.timeouts = scenario.timeouts();
        this.formerGrace = timeouts.grace();
        this.copy = new ScriptedCopy(name + ".1");
    }

    String name() {
        return name;
    }

    ScriptedCopy copy() {
        return copy;
    }

    CopyId identity() {
        return new CopyId(name, copy.id());
    }

    NodeIncarnation self() {
        return new NodeIncarnation(name, name + "-" + processes);
    }

    boolean isAwake() {
        return replica != null && !paused;
    }

    void pause(boolean pauses) {
        paused = pauses;
    }

    /// Only the wall clock goes on.
    void suspend(long millis) {
        suspended += millis;
    }

    /// Its next process is started with another lease and grace.
    void setTimeouts(long lease, long grace) {
        timeouts = new Timeouts(lease, grace, timeouts.retry(), timeouts.lag(), timeouts.stall());
    }

    void setDiskHanging(boolean hangs) {
        diskHangs = hangs;
    }

    void setDiskSpace(DiskSpace space) {
        diskFull = space == DiskSpace.FULL;
        if (replica != null) {
            tell(new Event.DiskSpaceChanged(space));
        }
    }

    private ClockReading now() {
        return new ClockReading(scenario.now() - suspended, scenario.now());
    }

    /// Fills the log up to a sequence, as an epoch of the past did, which had committed all that was before it.
    void hold(int epoch, long to) {
        List<LogEntry> entries = new ArrayList<>();
        for (long sequence = copy.end() + 1; sequence <= to; sequence++) {
            boolean mark = epoch != copy.epochs().latest();
            entries.add(
                    mark
                            ? LogEntry.mark(sequence, epoch, 0, copy.end())
                            : new LogEntry(sequence, epoch, "k", "v" + sequence, 0, 0, 0, true));
            copy.append(List.of(entries.getLast()), sequence);
        }
        copy.endSync(copy.beginSync());
    }

    void start() {
        processes++;
        copy.recover();
        ReplicaOptions options = new ReplicaOptions(
                self(),
                identity(),
                Set.of(),
                true,
                IDLE_MARK_MILLIS,
                scenario.maxRetainedTombstones(),
                timeouts,
                formerGrace,
                (processes - 1) * STREAMS_A_PROCESS,
                CatchUpThrottle.unlimited());
        replica = new Replica(options, copy.recover());
        formerGrace = timeouts.grace();
        tellNewest();
    }

    void die() {
        replica = null;
        paused = false;
        syncs.clear();
        answers.clear();
        asked.clear();
    }

    void losePower() {
        die();
        copy.losePower(new NothingKept());
    }

    /// Of what is not synced all is gone.
    private static final class NothingKept extends Random {
        private static final long serialVersionUID = 1;

        @Override
        public long nextLong(long bound) {
            return 0;
        }
    }

    void merge() {
        long purgeHorizon = replica().localPurgeHorizon();
        int before = copy.log().size();
        copy.merge(purgeHorizon);
        scenario.effect(name + " log: merged " + before + " records to "
                + copy.log().size() + ", tombstones kept behind " + purgeHorizon);
    }

    // ---- The coordinator.

    /// The oldest compare-and-set arrives.
    void writeArrives() {
        Write arriving = writes.removeFirst();
        Event answer = scenario.coordinator().compareAndSet(arriving.write());
        boolean won = answer instanceof Event.CasWon;
        scenario.event(
                won
                        ? "zk: " + Wording.of(scenario.coordinator().newest())
                        : "zk: refused, for it has version "
                                + scenario.coordinator().newest().version());
        if (replica != null && arriving.process() == processes) {
            answers.addLast(answer);
        }
    }

    boolean hasWrite() {
        return !writes.isEmpty();
    }

    /// The oldest answer arrives, or else the newest state.
    void hearCoordinator() {
        Event answer = answers.pollFirst();
        if (answer == null) {
            tellNewest();
        } else {
            toldVersion = scenario.coordinator().newest().version();
            tell(answer);
        }
    }

    void hearNothingFromCoordinator() {
        answers.pollFirst();
        tell(new Event.CasUnknown());
    }

    boolean hasNews() {
        return !answers.isEmpty()
                || toldVersion < scenario.coordinator().newest().version();
    }

    private void tellNewest() {
        toldVersion = scenario.coordinator().newest().version();
        tell(new Event.StateObserved(scenario.coordinator().newest()));
    }

    // ---- The disk.

    boolean canSync() {
        return isAwake() && !syncs.isEmpty() && !diskHangs;
    }

    void endSync() {
        copy.endSync(syncs.removeFirst());
        tell(new Event.Synced(copy.durableEnd()));
    }

    // ---- Clients.

    void put(String key, String value) {
        RecordDraft draft = new RecordDraft.Put(bytes(key), bytes(value), 0);
        ask("put " + key + "=" + value, "done", token -> new Event.Proposed(new Proposal(token, List.of(draft))));
    }

    void delete(String key) {
        RecordDraft draft = new RecordDraft.Tombstone(bytes(key));
        ask("delete " + key, "done", token -> new Event.Proposed(new Proposal(token, List.of(draft))));
    }

    void get(String key) {
        LogEntry entry = copy.get(key);
        String found = entry == null ? "absent" : Objects.requireNonNull(entry.value());
        ask("get " + key, found, token -> new Event.ReadBarrierRequested(token, 0, 0));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void ask(String what, String answer, LongFunction<Event> question) {
        long token = ++tokens;
        asked.put(token, new Asked(what, answer));
        tell(question.apply(token));
    }

    // ---- The replica.

    private Replica replica() {
        if (replica == null) {
            throw new IllegalArgumentException(name + " does not run");
        }
        return replica;
    }

    void tell(Event event) {
        step(event);
        step(new Event.TurnEnded());
    }

    private void step(Event event) {
        Replica told = replica();
        Role before = told.role();
        Effects effects = told.step(event, now());
        if (!before.equals(told.role())) {
            scenario.event(name + ": " + Wording.of(before) + " => " + Wording.of(told.role()));
        }
        effects.notes().forEach(note -> scenario.effect(name + " says: " + note.text()));
        effects.bounds().ifPresent(this::keep);
        effects.truncate().ifPresent(this::truncate);
        if (effects.rebuild()) {
            rebuild();
        }
        effects.commit().ifPresent(this::commit);
        effects.append().ifPresent(this::append);
        effects.appendReplicated().ifPresent(this::appendReplicated);
        if (effects.sync()) {
            syncs.addLast(copy.beginSync());
            scenario.effect(name + " log: sync up to " + copy.end());
        }
        effects.settled().forEach(this::settle);
        effects.stateWrite().ifPresent(this::writeState);
        if (effects.readState()) {
            scenario.effect(name + " -> zk: read");
            toldVersion = -1;
        }
        effects.sendRecords().forEach(this::readAndSend);
        effects.sends().forEach(send -> send(send.to(), send.message()));
    }

    private void keep(Effects.Bounds bounds) {
        copy.keep(bounds);
        scenario.effect(name + " log: keeps " + Wording.of(bounds));
    }

    private void truncate(long last) {
        scenario.event(name + " log: cut to " + last);
        copy.truncate(last);
        step(new Event.Truncated());
    }

    private void rebuild() {
        copy.wipe(name + "." + ++copies);
        scenario.event(name + " log: set aside, starts again as " + copy.id());
        step(new Event.Rebuilt(identity()));
    }

    private void commit(long to) {
        copy.commit(to);
        scenario.effect(name + " log: commits up to " + to);
    }

    private void append(Effects.Append group) {
        if (diskFull) {
            scenario.effect(name + " log: no room");
            step(new Event.AppendRejected());
            return;
        }
        List<LogEntry> entries = new ArrayList<>();
        long sequence = group.firstSequence();
        entries.add(LogEntry.mark(sequence, group.epoch(), group.time(), group.highWatermark()));
        for (Proposal proposal : group.proposals()) {
            for (RecordDraft draft : proposal.records()) {
                entries.add(entry(draft, ++sequence, group.epoch()));
            }
        }
        copy.append(entries, sequence);
        scenario.effect(name + " log: appends " + Wording.of(entries));
        step(new Event.Appended());
    }

    private static LogEntry entry(RecordDraft draft, long sequence, int epoch) {
        return switch (draft) {
            case RecordDraft.Put put ->
                new LogEntry(sequence, epoch, Wording.of(put.key()), Wording.of(put.value()), 0, 0, 0, true);
            case RecordDraft.Tombstone tombstone ->
                new LogEntry(sequence, epoch, Wording.of(tombstone.key()), null, 0, 0, 0, true);
        };
    }

    private void appendReplicated(Effects.AppendReplicated store) {
        if (diskFull) {
            scenario.effect(name + " log: no room");
            step(new Event.AppendRejected());
            return;
        }
        LogEntries batches = (LogEntries) store.append().batches();
        EpochHistory epochs = store.epochs();
        copy.appendReplicated(batches.entries(), store.append().lastSequence(), epochs);
        scenario.effect(name + " log: stores " + Wording.of(batches));
        step(new Event.ReplicatedAppended());
    }

    private void settle(Effects.Settled settled) {
        Asked question = Objects.requireNonNull(asked.remove(settled.token()));
        Refusal refusal = settled.refusal();
        scenario.event(name + " -> client: " + question.what() + ": "
                + (refusal == null ? question.answer() : refusal.toString()));
    }

    private void writeState(Effects.StateWrite write) {
        writes.addLast(new Write(processes, write));
        scenario.effect(name + " -> zk: over version " + write.expectedVersion() + ", " + Wording.of(write.next()));
    }

    private void readAndSend(Effects.SendRecords send) {
        List<LogEntry> entries = copy.read(send.previousSequence(), CHUNK_RECORDS);
        long to =
                entries.size() < CHUNK_RECORDS ? copy.end() : entries.getLast().sequence();
        long completeAt = send.previousSequence() < copy.mergedEnd() ? copy.mergedEnd() : 0;
        send(send.to().node(), send.message(to, completeAt, 0, new LogEntries(entries)));
        step(new Event.RecordsSent(send.to().node(), send.streamId(), to, 0));
    }

    private void send(String to, Message message) {
        scenario.network().send(self(), to, message);
        scenario.effect(name + " -> " + to + ": " + Wording.of(message));
    }

    /// How it stands.
    String standing() {
        Replica shown = replica;
        if (shown == null) {
            return name + " does not run, log end " + copy.end();
        }
        return name + ": " + Wording.of(shown.role()) + "; " + copy.id() + " end " + copy.end() + ", durable "
                + copy.durableEnd() + ", committed " + copy.highWatermark() + ", epochs " + Wording.of(copy.epochs())
                + (shown.hasLease(now()) ? "; may answer" : "");
    }
}
