package io.caskade.server;

import io.caskade.bitcask.disk.DiskFullException;
import io.caskade.bitcask.log.BatchEncoder;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.store.Store;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Moment;
import io.caskade.server.replica.Proposal;
import io.caskade.server.replica.RecordDraft;
import io.caskade.server.replica.Refusal;
import io.caskade.server.replica.Replica;
import io.caskade.server.replica.Role;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Feeds one partition's [Replica] with what happens and carries out the effects it answers with: files, syncs,
/// the coordinator, the clock. It decides nothing.
///
/// Everything but [#role], [#tell], [#stopped] and [#settledIn] is for the partition's loop alone.
final class ReplicaShell {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaShell.class);

    /// What the shell works with. Syncs run beside the loop, those of different partitions at the same time.
    record Surroundings(EventLoop loop, Executor syncThreads, Coordinator coordinator, InstantSource clock) {}

    private final int partition;
    private final Store store;
    private final Replica replica;
    private final Surroundings surroundings;
    private final LongConsumer committed;
    private final BatchEncoder encoder = new BatchEncoder();
    private final Map<Long, Consumer<@Nullable Refusal>> unsettled = new HashMap<>();
    private final CompletableFuture<Void> settledIn = new CompletableFuture<>();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    private long lastToken;
    private boolean syncing;
    private boolean broken;
    private boolean full;
    private volatile Role role;
    private volatile long reach;

    /// @param committed is told of each new watermark once its records are visible
    ReplicaShell(int partition, Store store, Replica replica, Surroundings surroundings, LongConsumer committed) {
        this.partition = partition;
        this.store = store;
        this.replica = replica;
        this.surroundings = surroundings;
        this.committed = committed;
        this.role = replica.role();
        this.reach = store.watermark();
    }

    /// The watermark, known before the first of its records is visible: nothing that was read lies beyond it.
    /// For any thread.
    long reach() {
        return reach;
    }

    /// What the replica was after the last event. For any thread.
    Role role() {
        return role;
    }

    /// Completes when the replica serves for the first time, or fails when it has been barred or fenced before.
    /// For any thread.
    CompletionStage<Void> settledIn() {
        return settledIn.copy();
    }

    /// Completes when the replica has stopped or is fenced. For any thread.
    CompletionStage<Void> stopped() {
        return stopped.copy();
    }

    /// Tells the replica of an event, in turn. For any thread.
    void tell(Event event) {
        surroundings.loop().execute(() -> step(event));
    }

    /// The sequence a record gets that is proposed now.
    long nextSequence() {
        return replica.nextSequence();
    }

    /// The leader's time, Unix milliseconds.
    long leaderTime() {
        return replica.leaderTime(surroundings.clock().millis(), store.logTime());
    }

    /// Proposes one record.
    ///
    /// @param settled is told the outcome once, null when the record is committed; at once when it is refused
    void propose(RecordDraft draft, Consumer<@Nullable Refusal> settled) {
        ask(settled, token -> new Event.Proposed(new Proposal(token, List.of(draft))));
    }

    /// Asks whether an answer may be given that rests on `sequence` and, when `time` is not 0, on the log's
    /// time having reached it.
    void confirm(long sequence, long time, Consumer<@Nullable Refusal> settled) {
        ask(settled, token -> new Event.AnswerPrepared(token, sequence, time));
    }

    private void ask(Consumer<@Nullable Refusal> settled, LongFunction<Event> question) {
        if (broken) {
            settled.accept(Refusal.COPY_FENCED);
            return;
        }
        long token = ++lastToken;
        unsettled.put(token, settled);
        step(question.apply(token));
    }

    /// Up to where a merge may forget removals: all assigned replicas have them. A partition has one replica,
    /// this, and all it has committed.
    long purgeHorizon() {
        return store.watermark();
    }

    /// Tells the log the time when something in it has expired by the leader's clock: merges go by the log's
    /// time, which stands still when nothing is written.
    void tellExpiry() {
        long next = store.nextExpiry();
        long now = leaderTime();
        if (next != 0 && next <= now && role instanceof Role.Serving) {
            confirm(0, now, refusal -> {});
        }
    }

    void turnEnded() {
        step(new Event.TurnEnded());
    }

    /// Syncs what a relaxed durability has left unsynced, unless a sync is under way.
    void syncInBackground() {
        if (!syncing && store.durableEnd() < store.end() && !(role instanceof Role.Fenced)) {
            sync();
        }
    }

    /// A replica whose step failed is in no state that anybody has thought of: it is told nothing any more.
    private void step(Event event) {
        if (broken) {
            return;
        }
        try {
            carryOut(event);
        } catch (RuntimeException e) {
            breakDown(e);
        }
    }

    private void breakDown(Throwable fault) {
        LOG.error("partition {}: fenced: the node has a fault", partition, fault);
        broken = true;
        role = new Role.Fenced("the node has a fault: " + fault, false);
        store.fence(new IOException(fault));
        List<Consumer<@Nullable Refusal>> waiting = List.copyOf(unsettled.values());
        unsettled.clear();
        waiting.forEach(settled -> settled.accept(Refusal.OUTCOME_UNKNOWN));
        announce();
    }

    private void carryOut(Event event) {
        Effects effects = replica.step(event, now());
        refuseWhatTakesOthers(effects);
        effects.notes().forEach(this::note);
        effects.commit().ifPresent(this::commit);
        // Who reads the role may read what is committed: it must all be there when a leader is first seen to serve.
        role = replica.role();
        effects.append().ifPresent(this::append);
        if (effects.sync()) {
            sync();
        }
        effects.settled().forEach(this::settle);
        effects.stateWrite().ifPresent(this::writeState);
        if (effects.readState()) {
            readState();
        }
        announce();
    }

    private Moment now() {
        return new Moment(
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
                surroundings.clock().millis());
    }

    /// Nodes do not speak to each other yet: partitions have one copy.
    private static void refuseWhatTakesOthers(Effects effects) {
        boolean takesOthers = !effects.sends().isEmpty()
                || !effects.feeds().isEmpty()
                || effects.store().isPresent()
                || effects.truncate().isPresent()
                || effects.rebuild();
        if (takesOthers) {
            throw new IllegalStateException("a partition of several copies, which this release cannot host");
        }
    }

    private void announce() {
        String barred = replica.barredBecause();
        if (barred != null) {
            settledIn.completeExceptionally(new StartupException("partition " + partition + ": " + barred));
        }
        switch (role) {
            case Role.Serving _ -> settledIn.complete(null);
            case Role.Stopped _ -> stopped.complete(null);
            case Role.Fenced fenced -> {
                settledIn.completeExceptionally(
                        new StartupException("partition " + partition + ": " + fenced.reason()));
                stopped.complete(null);
            }
            case Role.Following _,
                    Role.Claiming _,
                    Role.Establishing _,
                    Role.Draining _,
                    Role.Yielding _,
                    Role.Rebuilding _ -> {}
        }
    }

    private void note(Effects.Note note) {
        if (note.warning()) {
            LOG.warn("partition {}: {}", partition, note.text());
        } else {
            LOG.info("partition {}: {}", partition, note.text());
        }
    }

    private void settle(Effects.Settled settled) {
        Consumer<@Nullable Refusal> waiting = unsettled.remove(settled.token());
        if (waiting != null) {
            waiting.accept(settled.refusal());
        }
    }

    private void commit(long watermark) {
        reach = watermark;
        store.commit(watermark);
        committed.accept(watermark);
    }

    private void append(Effects.Append group) {
        encoder.start(group.epoch(), group.firstSequence());
        encoder.mark(group.time(), group.watermark());
        for (Proposal proposal : group.proposals()) {
            for (RecordDraft draft : proposal.records()) {
                switch (draft) {
                    case RecordDraft.Put put -> encoder.put(put.key(), put.value(), put.expiresAt());
                    case RecordDraft.Tombstone tombstone -> encoder.tombstone(tombstone.key());
                }
            }
            encoder.endBatch();
        }
        try {
            store.append(encoder.group());
            noteRoom();
            step(new Event.Appended());
        } catch (DiskFullException e) {
            noteFull(e);
            step(new Event.AppendRefused());
        } catch (IOException e) {
            diskFailed(e);
        }
    }

    /// Clients go on trying, and each would have its line.
    private void noteFull(DiskFullException e) {
        if (!full) {
            LOG.error("partition {}: takes no writes: {}", partition, e.getMessage());
        }
        full = true;
    }

    private void noteRoom() {
        if (full) {
            LOG.info("partition {}: takes writes again: the disk has room", partition);
        }
        full = false;
    }

    private void sync() {
        syncing = true;
        try {
            Sync sync = store.beginSync();
            surroundings.syncThreads().execute(() -> run(sync));
        } catch (IOException e) {
            diskFailed(e);
        }
    }

    private void run(Sync sync) {
        try {
            sync.run();
            surroundings.loop().execute(() -> synced(sync));
        } catch (IOException e) {
            surroundings.loop().execute(() -> diskFailed(e));
        } catch (RuntimeException | Error e) {
            // Whoever waits for this sync must hear of it.
            surroundings.loop().execute(() -> breakDown(e));
        }
    }

    private void synced(Sync sync) {
        syncing = false;
        store.endSync(sync);
        step(new Event.Synced(store.durableEnd()));
    }

    /// Never tried again: nobody can tell what is on the disk.
    void diskFailed(IOException cause) {
        store.fence(cause);
        step(new Event.DiskFailed(String.valueOf(cause.getMessage())));
    }

    private void writeState(Effects.StateWrite write) {
        surroundings
                .coordinator()
                .compareAndSet(write.expectedVersion(), write.next())
                .thenAccept(result -> tell(outcome(write.next(), result)));
    }

    private static Event outcome(PartitionState next, CasResult result) {
        return switch (result) {
            case CasResult.Won won -> new Event.StateWon(new Versioned<>(next, won.version()));
            case CasResult.Lost lost -> new Event.StateLost(lost.current());
            case CasResult.Unknown _ -> new Event.StateUnknown();
        };
    }

    private void readState() {
        surroundings.coordinator().read(partition).whenComplete((state, failure) -> {
            if (failure == null) {
                tell(new Event.StateSeen(state));
            } else {
                LOG.warn("partition {}: its state cannot be read now: {}", partition, failure.getMessage());
            }
        });
    }
}
