package io.caskade.server.simulator;

import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandDecision;
import io.caskade.server.command.InFlightKeys;
import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Proposal;
import io.caskade.server.replica.Proposal.Acks;
import io.caskade.server.replica.RecordDraft;
import io.caskade.server.replica.Refusal;
import io.caskade.server.replica.Replica;
import io.caskade.server.replica.ReplicaOptions;
import io.caskade.server.replica.Role;
import io.caskade.server.replica.RoleRows;
import io.caskade.server.simulator.Operation.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Feeds one partition's replica in one process, and carries its effects out on simulated things: what the
/// node's shell does with real ones.
final class SimulatedPartition {

    private static final int CHUNK_RECORDS = 20;
    private static final int MAX_IN_FLIGHT_BYTES = 4000;
    private static final int IDLE_MARK_MILLIS = 300;
    private static final long READ_PATIENCE_MILLIS = 300;

    /// What a client is told.
    ///
    /// @param refusal null when it was done
    /// @param applied whether a condition held
    /// @param seen what a read has found, or a condition was decided on
    /// @param context what is known to be committed with the answer
    record Reply(
            @Nullable Refusal refusal,
            boolean applied,
            @Nullable String seen,
            Context context) {
        static Reply refused(Refusal refusal) {
            return new Reply(refusal, false, null, Context.NOTHING);
        }
    }

    private final Simulation simulation;
    private final SimulatedProcess process;
    private final int id;
    private final SimulatedCopy copy;
    private final Replica replica;
    private final InFlightKeys inFlight = new InFlightKeys();
    private final Map<Long, Consumer<@Nullable Refusal>> unsettled = new HashMap<>();
    private long lastToken;

    SimulatedPartition(Simulation simulation, SimulatedProcess process, int id, SimulatedCopy copy) {
        this.simulation = simulation;
        this.process = process;
        this.id = id;
        this.copy = copy;
        ReplicaOptions options = new ReplicaOptions(
                process.self(),
                new CopyId(process.node().name(), copy.id()),
                Set.of(),
                true,
                MAX_IN_FLIGHT_BYTES,
                IDLE_MARK_MILLIS,
                simulation.options().mostKeptRemovals(),
                simulation.options().timing(),
                (long) process.self().incarnation().hashCode() << Integer.SIZE);
        this.replica = new Replica(options, copy.recover());
        if (copy.isDamaged()) {
            tell(new Event.CopyDamaged("a bit has flipped"));
        }
    }

    int id() {
        return id;
    }

    SimulatedProcess process() {
        return process;
    }

    SimulatedCopy copy() {
        return copy;
    }

    Replica replica() {
        return replica;
    }

    int waiting() {
        return unsettled.size();
    }

    /// Tells the replica of an event; what has gathered is written at once, as at the end of a loop's turn.
    void tell(Event event) {
        step(event);
        step(new Event.TurnEnded());
        simulation.invariants().check(id);
    }

    private void step(Event event) {
        Role before = replica.role();
        Effects effects = replica.step(event, process.node().clock().now());
        simulation.transcript(() -> process.self().node() + "/" + id + " " + Wording.of(event) + " -> " + replica.role()
                + " " + copy.end()
                + (effects.settled().isEmpty() ? "" : " settles " + effects.settled()));
        RoleRows.between(before, replica.role())
                .forEach(row -> simulation.coverage().reached("role " + row));
        if (!leads(replica.role())) {
            inFlight.clear();
        }
        simulation.aimed().observe(this, before, effects);
        effects.bounds().ifPresent(copy::keep);
        effects.truncate().ifPresent(this::truncate);
        if (effects.rebuild()) {
            rebuild();
        }
        effects.commit().ifPresent(this::commit);
        effects.append().ifPresent(this::append);
        effects.storeRecords().ifPresent(this::store);
        if (effects.sync()) {
            sync();
        }
        effects.settled().forEach(this::settle);
        effects.stateWrite().ifPresent(this::writeState);
        if (effects.readState()) {
            readState();
        }
        effects.sendRecords().forEach(this::feed);
        effects.sends().forEach(send -> process.send(send.to(), id, send.message()));
    }

    private static boolean leads(Role role) {
        return role instanceof Role.PendingLeader || role instanceof Role.Leader || role instanceof Role.Draining;
    }

    private void truncate(long last) {
        simulation.coverage().reached("log truncated");
        copy.truncate(last);
        step(new Event.Truncated());
    }

    private void rebuild() {
        simulation.coverage().reached("copy rebuilt");
        copy.wipe(simulation.newId());
        step(new Event.Rebuilt(new CopyId(process.node().name(), copy.id())));
    }

    private void commit(long to) {
        List<LogEntry> committed = copy.commit(to);
        inFlight.commitUpTo(to);
        simulation.invariants().committed(this, committed, to);
    }

    private void append(Effects.Append group) {
        if (process.node().isDiskFull()) {
            simulation.coverage().reached("append refused, disk full");
            step(new Event.AppendRejected());
            return;
        }
        List<LogEntry> entries = new ArrayList<>();
        long sequence = group.firstSequence();
        entries.add(LogEntry.mark(sequence, group.epoch(), group.time(), group.highWatermark()));
        for (Proposal proposal : group.proposals()) {
            for (int i = 1; i <= proposal.records().size(); i++) {
                sequence++;
                boolean last = i == proposal.records().size();
                entries.add(entry(proposal.records().get(i - 1), sequence, group.epoch(), last));
            }
        }
        copy.append(entries, sequence);
        step(new Event.Appended());
    }

    private static LogEntry entry(RecordDraft draft, long sequence, int epoch, boolean last) {
        return switch (draft) {
            case RecordDraft.Put put ->
                new LogEntry(sequence, epoch, text(put.key()), text(put.value()), put.expiresAt(), 0, 0, last);
            case RecordDraft.Tombstone tombstone ->
                new LogEntry(sequence, epoch, text(tombstone.key()), null, 0, 0, 0, last);
        };
    }

    private void store(Effects.StoreRecords store) {
        if (process.node().isDiskFull()) {
            simulation.coverage().reached("store refused, disk full");
            step(new Event.AppendRejected());
            return;
        }
        LogEntries batches = (LogEntries) store.append().batches();
        copy.store(batches.entries(), store.append().to(), store.epochs());
        step(new Event.RecordsStored());
    }

    private void sync() {
        SimulatedCopy.Sync sync = copy.beginSync();
        process.timeline().after(process.node().syncMillis(), () -> {
            if (process.node().failsSync()) {
                tell(new Event.DiskFailed("EIO"));
            } else if (!(replica.role() instanceof Role.Fenced)) {
                copy.endSync(sync);
                tell(new Event.Synced(copy.durableEnd()));
            }
        });
    }

    private void settle(Effects.Settled settled) {
        Consumer<@Nullable Refusal> waiting = unsettled.remove(settled.token());
        if (waiting == null) {
            throw new AssertionError("token " + settled.token() + " was settled twice");
        }
        waiting.accept(settled.refusal());
    }

    private void writeState(Effects.StateWrite write) {
        CompletionStage<Void> _ = process.coordinator()
                .compareAndSet(write.expectedVersion(), write.next())
                .thenAccept(result -> tell(outcome(write.next(), result)));
    }

    private Event outcome(PartitionState next, CasResult result) {
        simulation
                .coverage()
                .reached("compare-and-set " + result.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        return switch (result) {
            case CasResult.Won won -> new Event.StateWon(new Versioned<>(next, won.version()));
            case CasResult.Lost lost -> new Event.StateLost(lost.current());
            case CasResult.Unknown _ -> new Event.StateUnknown();
        };
    }

    private void readState() {
        CompletionStage<Versioned<PartitionState>> _ = process.coordinator()
                .read(id)
                .whenComplete((state, failure) -> {
                    if (failure == null) {
                        tell(new Event.StateSeen(state));
                    }
                });
    }

    private void feed(Effects.SendRecords send) {
        process.timeline().after(simulation.random().nextInt(3), () -> {
            if (send.from() > copy.end() || replica.role() instanceof Role.Fenced) {
                return;
            }
            List<LogEntry> entries = copy.read(send.from(), CHUNK_RECORDS);
            long to = entries.size() < CHUNK_RECORDS
                    ? copy.end()
                    : entries.getLast().sequence();
            long completeFrom = send.from() < copy.mergedEnd() ? copy.mergedEnd() : 0;
            Message.AppendRecords append = send.message(to, completeFrom, new LogEntries(entries));
            process.send(send.to().node(), id, append);
            tell(new Event.RecordsSent(send.to().node(), send.stream(), to));
        });
    }

    // ---- Clients.

    void execute(Request request, Consumer<Reply> reply) {
        if (request.context() != null) {
            readHere(request.key(), request.context(), reply);
        } else if (request.kind() == Kind.READ) {
            read(request.key(), reply);
        } else {
            decide(command(request), request.acks(), reply);
        }
    }

    /// The value is found first, and only then is it asked whether it may be told. The log's time is read
    /// before the value: judged by a later one, a value that was replaced meanwhile would seem to have expired.
    private void read(String key, Consumer<Reply> reply) {
        Role found = replica.role();
        long now = time();
        long logTime = copy.logTime();
        LogEntry entry = copy.get(key);
        long highWatermark = copy.watermark();
        long committed = simulation.invariants().committedEnd(id);
        process.timeline().after(simulation.random().nextInt(4), () -> {
            if (!found.equals(replica.role())) {
                reply.accept(Reply.refused(Refusal.NOT_LEADER));
                return;
            }
            boolean expired = entry != null && entry.isExpiredAt(logTime);
            boolean needsTime = entry != null && !expired && entry.isExpiredAt(now);
            ask(
                    refusal -> {
                        if (refusal == null && needsTime) {
                            simulation.coverage().reached("answer waited for the log to tell the time");
                            read(key, reply);
                            return;
                        }
                        if (refusal == null) {
                            simulation.invariants().answered(this, highWatermark, committed);
                        }
                        String value = entry == null || expired ? null : entry.value();
                        reply.accept(reply(refusal, true, value));
                    },
                    token -> new Event.ConfirmRequested(token, 0, needsTime ? now : 0));
        });
    }

    private Reply reply(@Nullable Refusal refusal, boolean applied, @Nullable String seen) {
        return refusal == null ? new Reply(null, applied, seen, context()) : Reply.refused(refusal);
    }

    private Context context() {
        return new Context(replica.highWatermarkEpoch(), replica.highWatermark());
    }

    /// Reads whatever this copy has committed, when that is enough for the caller. By the log's time alone:
    /// only a leader can tell the log another.
    private void readHere(String key, Context wanted, Consumer<Reply> reply) {
        ask(
                refusal -> {
                    if (refusal != null) {
                        reply.accept(Reply.refused(refusal));
                        return;
                    }
                    LogEntry entry = copy.get(key);
                    LogEntry found = entry == null || entry.isExpiredAt(copy.logTime()) ? null : entry;
                    simulation.invariants().readHere(this, key, found, wanted);
                    reply.accept(reply(null, true, found == null ? null : found.value()));
                },
                token -> new Event.FollowerReadRequested(
                        token, wanted.epoch(), wanted.sequence(), READ_PATIENCE_MILLIS));
    }

    private long time() {
        return replica.leaderTime(process.node().clock().now().wall(), copy.logTime());
    }

    private void decide(Command command, Acks acks, Consumer<Reply> reply) {
        InFlightKeys.State state = inFlight.of(command.key());
        StoredRecord stored = state != null ? state.record() : stored(copy.get(text(command.key())));
        long restsOn = state == null ? 0 : state.sequence();
        long now = time();
        boolean expired = isExpiredAt(stored, now);
        boolean needsTime = expired && !isExpiredAt(stored, copy.logTime());
        StoredRecord record = expired ? null : stored;
        long sequence = replica.nextSequence();
        CommandDecision decision = CommandDecision.of(command, record, now, sequence);
        RecordDraft draft = decision.draft();
        boolean applied = decision.result().applied();
        boolean shows = !(command instanceof Command.Put put && put.condition() instanceof Condition.None);
        String seen = record == null || !shows ? null : text(record.value());
        if (draft == null) {
            ask(
                    refusal -> reply.accept(reply(refusal, applied, seen)),
                    token -> new Event.ConfirmRequested(token, restsOn, needsTime ? now : 0));
            return;
        }
        inFlight.add(draft, sequence);
        ask(
                refusal -> {
                    if (refusal != null) {
                        inFlight.reject(sequence);
                    } else {
                        simulation.invariants().acknowledged(this, acks, sequence);
                    }
                    reply.accept(reply(refusal, applied, seen));
                },
                token -> new Event.Proposed(new Proposal(token, List.of(draft), acks)));
    }

    private static boolean isExpiredAt(@Nullable StoredRecord record, long time) {
        return record != null && record.isExpiredAt(time);
    }

    private static @Nullable StoredRecord stored(@Nullable LogEntry entry) {
        return entry == null ? null : new StoredRecord(bytes(entry.value()), entry.sequence(), entry.expiresAt());
    }

    private void ask(Consumer<@Nullable Refusal> settled, LongFunction<Event> question) {
        long token = ++lastToken;
        unsettled.put(token, settled);
        tell(question.apply(token));
    }

    private static Command command(Request request) {
        byte[] key = bytes(request.key());
        byte[] value = bytes(request.value());
        String expected = request.expected();
        Expiry expiry = request.ttlMillis() == 0 ? new Expiry.Never() : new Expiry.After(request.ttlMillis());
        return switch (request.kind()) {
            case WRITE -> new Command.Put(key, value, expiry, new Condition.None());
            case CREATE -> new Command.Put(key, value, expiry, new Condition.Absent());
            case REMOVE -> new Command.Delete(key, new Condition.None());
            case SWAP ->
                new Command.CompareAndSet(
                        key,
                        expected == null ? new Expectation.Absent() : new Expectation.Value(bytes(expected)),
                        value,
                        expiry);
            case READ -> throw new IllegalArgumentException("a read is no command");
        };
    }

    private static byte[] bytes(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// What another copy says.
    void receive(NodeIncarnation sender, Message message) {
        tell(new Event.Received(sender, message));
    }

    @Override
    public String toString() {
        return process.self().node() + "/" + id + " " + replica.role() + " " + copy.id() + " end " + copy.end();
    }
}
