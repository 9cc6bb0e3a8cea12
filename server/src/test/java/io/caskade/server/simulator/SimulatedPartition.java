package io.caskade.server.simulator;

import io.caskade.api.CausalContext;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.log.RawRecords;
import io.caskade.bitcask.store.Store;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Position;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.partition.DriverListener;
import io.caskade.server.partition.HostedPartition;
import io.caskade.server.partition.PartitionProbe;
import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Proposal.Acks;
import io.caskade.server.replica.Role;
import io.caskade.server.replica.RoleRows;
import io.caskade.server.simulator.Operation.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One partition in one process, hosted by the code that ships: watches what it does, and brings clients to it.
final class SimulatedPartition implements DriverListener {

    private static final int READ_BYTES = 64 << 10;
    private static final long MAX_BATCH_BYTES = 1 << 20;

    /// What a client is told.
    ///
    /// @param refusal null when it was done
    /// @param applied whether a condition held
    /// @param seen what a read has found, or a condition was decided on
    /// @param context the answer's
    record Reply(
            @Nullable Reason refusal,
            boolean applied,
            @Nullable String seen,
            CausalContext context) {
        static Reply refused(Reason refusal) {
            return new Reply(refusal, false, null, CausalContext.EMPTY);
        }
    }

    private final Simulation simulation;
    private final SimulatedProcess process;
    private final int id;
    private @Nullable HostedPartition hosted;

    /// Up to where the invariants have been shown what the copy has made visible.
    private long shownTo;

    /// What others took the copy for when the event came that is at hand.
    private @Nullable Role publishedBefore;
    private int waitingReplicaReads;

    SimulatedPartition(Simulation simulation, SimulatedProcess process, int id) {
        this.simulation = simulation;
        this.process = process;
        this.id = id;
    }

    /// The copy was opened.
    void opened(HostedPartition opened) {
        hosted = opened;
        Store store = store();
        simulation.invariants().opened(this, process.node().known(id), store);
        shownTo = store.highWatermark();
        remember();
        simulation.transcript(() -> this + " opened, high watermark " + store.highWatermark());
    }

    int id() {
        return id;
    }

    SimulatedProcess process() {
        return process;
    }

    HostedPartition hosted() {
        return Objects.requireNonNull(hosted);
    }

    Store store() {
        return PartitionProbe.store(hosted());
    }

    Role role() {
        return PartitionProbe.role(hosted());
    }

    boolean hasLease() {
        return PartitionProbe.hasLease(hosted(), process.node().clock().now());
    }

    int waiting() {
        return PartitionProbe.pendingCallbacks(hosted());
    }

    /// How many requests wait that only a leader answers; the others wait for the copy, and briefly.
    int waitingForLeader() {
        return waiting() - waitingReplicaReads;
    }

    long inFlightBytes() {
        return PartitionProbe.inFlightBytes(hosted());
    }

    void tell(Event event) {
        PartitionProbe.submit(hosted(), event);
    }

    /// A read of the copy failed.
    void failReading() {
        PartitionProbe.failReading(hosted(), process.node().name() + ": Input/output error");
    }

    private void remember() {
        process.node().remember(id, store());
    }

    // ---- What the driver does.

    @Override
    public void stepped(Event event, Role before, Role after, Effects effects) {
        remember();
        publishedBefore = PartitionProbe.publishedRole(hosted());
        simulation.transcript(() -> process.self().node() + "/" + id + " " + Wording.of(event) + " -> " + after + " "
                + store().end()
                + (effects.settled().isEmpty() ? "" : " settles " + effects.settled()));
        RoleRows.between(before, after).forEach(row -> reached("role " + row));
        count(event, after);
        if (effects.truncate().isPresent()) {
            reached("log truncated");
        }
        if (effects.rebuild()) {
            reached("copy rebuilt");
            simulation.invariants().setAside(process.node().name(), id);
        }
        if (event instanceof Event.Woken
                && effects.stateWrite().stream()
                        .anyMatch(write -> write.next().isr().size()
                                < Objects.requireNonNull(simulation.servers().read(id))
                                        .value()
                                        .isr()
                                        .size())) {
            reached("silent copy removed when older leases ended");
        }
        if (effects.notes().stream().anyMatch(note -> note.text().endsWith(": its disk is full"))) {
            reached("leadership handed over, disk full");
        }
        simulation.aimed().observe(this, before, after, effects);
    }

    private void count(Event event, Role after) {
        switch (event) {
            case Event.AppendRejected _ -> {
                if (process.node().isDiskFull()) {
                    reached(after instanceof Role.Follower ? "store refused, disk full" : "append refused, disk full");
                }
            }
            case Event.ReadBarrierRequested request -> {
                if (request.time() > 0) {
                    reached("answer waited for the log to tell the time");
                }
            }
            case Event.CopyDamaged _ -> reached("damage told of");
            case Event.CasWon _ -> reached("compare-and-set won");
            case Event.CasLost _ -> reached("compare-and-set lost");
            case Event.CasNotDone _ -> reached("compare-and-set not done");
            case Event.CasUnknown _ -> reached("compare-and-set unknown");
            case Event.Rebuilt _ -> shownTo = 0;
            default -> {}
        }
    }

    private void reached(String what) {
        simulation.coverage().reached(what);
    }

    @Override
    public void committed(long highWatermark) {
        Role published = PartitionProbe.publishedRole(hosted());
        if (!published.equals(publishedBefore)) {
            throw simulation
                    .invariants()
                    .broken("a role is seen after its records", this + " seems to be " + published + " already");
        }
        simulation.invariants().committed(this, shown(highWatermark), highWatermark);
    }

    /// What became visible since this was asked last; nothing of a copy that has decayed.
    private List<LogEntry> shown(long highWatermark) {
        List<LogEntry> entries = new ArrayList<>();
        try {
            while (shownTo < highWatermark) {
                RawRecords read =
                        store().beginRead(shownTo, READ_BYTES, highWatermark).run();
                entries.addAll(LogEntries.of(read.content()).entries());
                shownTo = read.to();
            }
        } catch (IOException e) {
            simulation.invariants().unreadable(this, e);
            shownTo = highWatermark;
        }
        return entries;
    }

    @Override
    public void idle() {
        remember();
        CopyId identity = PartitionProbe.identity(hosted());
        boolean replacing = role() instanceof Role.Rebuilding;
        if (!replacing && !identity.copy().equals(store().id().toString())) {
            throw simulation.invariants().broken("a copy goes by its own identity", this + " goes by " + identity);
        }
        simulation.invariants().check(id);
    }

    @Override
    public void failed(Throwable fault) {
        simulation.fail(fault);
    }

    // ---- Clients.

    void execute(Request request, Consumer<Reply> reply) {
        byte[] key = bytes(request.key());
        ReplicaRead read = request.replicaRead();
        SentBatch batch = request.batch();
        if (batch != null) {
            write(batch, reply);
        } else if (read != null) {
            Store store = store();
            long from = Math.max(read.sequence(), store.highWatermark());
            answer(
                    () -> get(key, read),
                    answer -> {
                        long least = store.equals(store()) ? from : read.sequence();
                        simulation.invariants().readHere(this, request.key(), answer, least);
                        return found(answer);
                    },
                    reply);
        } else if (request.kind() == Kind.READ) {
            read(key, reply);
        } else {
            answer(
                    () -> PartitionProbe.write(hosted(), command(request), request.acks()),
                    answer -> written(request, answer),
                    reply);
        }
    }

    private void write(SentBatch batch, Consumer<Reply> reply) {
        long committed = simulation.invariants().committedEnd(id);
        answer(
                () -> hosted().commands().write(batch.batch(), MAX_BATCH_BYTES),
                answer -> {
                    simulation.invariants().batchAnswered(this, batch, answer, committed);
                    return new Reply(null, answer.value().applied(), null, context(answer.position()));
                },
                reply);
    }

    /// Executes a write after those of its key that were given here before.
    void writeInOrder(Command command, Consumer<Reply> reply) {
        answer(
                () -> hosted().commands().writeInOrder(command),
                answer -> {
                    Command.Result result = answer.value();
                    simulation.invariants().acknowledged(this, Acks.ALL, result.version());
                    return new Reply(null, result.applied(), null, context(answer.position()));
                },
                reply);
    }

    private CompletionStage<Answer<@Nullable FoundRecord>> get(byte[] key, ReplicaRead read) {
        waitingReplicaReads++;
        CompletionStage<StartedGet> started =
                hosted().commands().beginGet(key, read).whenComplete((_, _) -> waitingReplicaReads--);
        return started.thenComposeAsync(StartedGet::finish, process.workers());
    }

    /// As the listeners do: from memory if possible, otherwise on a thread that may wait for the disk.
    private void read(byte[] key, Consumer<Reply> reply) {
        long committed = simulation.invariants().committedEnd(id);
        StartedGet started;
        try {
            started = hosted().commands().beginGet(key);
        } catch (CommandRefusedException e) {
            reply.accept(Reply.refused(e.reason()));
            return;
        }
        switch (started) {
            case StartedGet.Answered known -> {
                reached("read answered from memory");
                answer(known::finish, answer -> read(committed, answer), reply);
            }
            case StartedGet.NeedsDisk rest ->
                process.workers().execute(() -> answer(rest::finish, answer -> read(committed, answer), reply));
            case StartedGet.Forwarded _, StartedGet.AtPeer _ ->
                throw new IllegalStateException("a copy asks no other node");
        }
    }

    private Reply read(long committed, Answer<@Nullable FoundRecord> answer) {
        simulation.invariants().answered(this, answer.position().sequence(), committed);
        return found(answer);
    }

    private static Reply found(Answer<@Nullable FoundRecord> answer) {
        FoundRecord found = answer.value();
        return new Reply(null, true, found == null ? null : text(found.value()), context(answer.position()));
    }

    private Reply written(Request request, Answer<Command.Result> answer) {
        Command.Result result = answer.value();
        if (result.applied()) {
            simulation.invariants().acknowledged(this, request.acks(), result.version());
        }
        return new Reply(null, result.applied(), seen(request, result), context(answer.position()));
    }

    /// What the key held before: a tombstone is answered without it, so the log says it.
    private @Nullable String seen(Request request, Command.Result result) {
        Command.StoredRecord current = result.current();
        return switch (request.kind()) {
            case REMOVE ->
                result.applied() && request.acks() == Acks.ALL
                        ? simulation.invariants().valueBefore(id, request.key(), result.version())
                        : null;
            case SWAP, CREATE -> current == null ? null : text(current.value());
            case READ, WRITE -> null;
        };
    }

    private static CausalContext context(Position position) {
        return CausalContext.of(io.caskade.api.v1.Position.newBuilder()
                .setPartition(position.partition())
                .setEpoch(position.epoch())
                .setSequence(position.sequence())
                .build());
    }

    private <T extends @Nullable Object> void answer(
            Supplier<CompletionStage<Answer<T>>> question, Function<Answer<T>, Reply> answered, Consumer<Reply> reply) {
        CompletionStage<Answer<T>> stage;
        try {
            stage = question.get();
        } catch (CommandRefusedException e) {
            reply.accept(Reply.refused(e.reason()));
            return;
        }
        var _ = stage.whenComplete((answer, failure) -> {
            if (process.timeline().isDead()) {
                return;
            }
            switch (failure instanceof CompletionException wrapped ? wrapped.getCause() : failure) {
                case null -> simulation.attempt(() -> reply.accept(answered.apply(answer)));
                case CommandRefusedException refused -> reply.accept(Reply.refused(refused.reason()));
                case Throwable unexpected -> simulation.fail(unexpected);
            }
        });
    }

    private static Command command(Request request) {
        byte[] key = bytes(request.key());
        byte[] value = bytes(request.value());
        String expected = request.expected();
        Expiry expiry = request.ttlMillis() == 0 ? new Expiry.Never() : new Expiry.After(request.ttlMillis());
        return switch (request.kind()) {
            case WRITE -> new Command.Put(key, value, expiry, new Condition.None());
            case CREATE -> new Command.CompareAndSet(key, new Expectation.Absent(), value, expiry);
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

    /// What the copy shows of a key, expired or not.
    @Nullable
    Entry get(String key) throws IOException {
        return store().get(bytes(key));
    }

    static byte[] bytes(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return hosted == null
                ? process.self().node() + "/" + id + " opening"
                : process.self().node() + "/" + id + " " + role() + " "
                        + Wording.copy(store().id().toString()) + " end " + store().end();
    }
}
