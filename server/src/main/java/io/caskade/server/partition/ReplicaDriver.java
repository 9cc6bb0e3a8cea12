package io.caskade.server.partition;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.ResourceExhaustedException;
import io.caskade.bitcask.StoreClosedException;
import io.caskade.bitcask.TooManyOpenFilesException;
import io.caskade.bitcask.log.LogRead;
import io.caskade.bitcask.log.RawRecords;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.MalformedBatchesException;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.copy.CopyBounds;
import io.caskade.server.cluster.CasResult;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.DiskSpace;
import io.caskade.server.replica.Effects;
import io.caskade.server.replica.Event;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Proposal;
import io.caskade.server.replica.RecordDraft;
import io.caskade.server.replica.Refusal;
import io.caskade.server.replica.Replica;
import io.caskade.server.replica.Role;
import io.caskade.server.transport.RawBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Drives one partition's [Replica]: passes events in, and applies the effects it returns to files, syncs, the
/// coordinator and the transport. It decides nothing.
///
/// Events wait in one queue. All effects of an event are applied, in the order that [Effects] states, before
/// the next event is processed; immediate results, such as [Event.Appended], join the queue.
///
/// Everything but [#role], [#hasLease], [#highWatermark], [#isCommittingBatch], [#isExhausted], [#submit],
/// [#ready] and [#stopped] is for the partition's loop alone.
final class ReplicaDriver {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaDriver.class);

    private static final long REPLACE_RETRY_MILLIS = 5_000;

    /// For how long a change of the state that was not made is shown.
    private static final long STATE_WRITE_FAILURE_MILLIS = 5_000;

    private final int partition;
    private final CopyDirectory copies;
    private final Replica replica;
    private final Dependencies dependencies;
    private final int chunkBytes;
    private final InFlightKeys inFlight;
    private final Runnable replaceCopy;
    private final BatchEncoder encoder = new BatchEncoder();
    private final Queue<Event> events = new ArrayDeque<>();
    private final Map<Long, Consumer<@Nullable Refusal>> pendingCallbacks = new HashMap<>();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    private long lastToken;

    /// Whether the event queue is being processed.
    private boolean processing;

    /// Whether anything has happened in this turn.
    private boolean stepped;

    private boolean syncing;

    /// Whether the replica was asked to stop.
    private boolean stopping;

    /// A step failed: the replica's state is undefined, and all further events are ignored.
    private boolean broken;

    /// The copy's files are closed, and the node goes on without it.
    private boolean ended;

    private volatile @Nullable ResourceExhaustedException exhausted;
    private DiskSpace space = DiskSpace.ROOM;

    /// Bounds that are not persisted yet; no append of a leader's is stored before they are.
    private @Nullable CopyBounds pendingBounds;

    /// Whether bounds are being persisted, off the loop: nothing on a loop waits for a disk.
    private boolean savingBounds;

    /// The append that waits for that.
    private Effects.@Nullable AppendReplicated heldAppend;

    /// Whether the copy is to be replaced as soon as its bounds are persisted: the directory is renamed.
    private boolean replaceOnceSaved;

    /// Whether the copy is being replaced.
    private boolean replacing;

    /// Why the copy could not be replaced yet; it is tried again.
    private @Nullable String replaceFailure;

    private @Nullable Long replaceFailedAt;

    /// The damage found in a copy that is not fenced yet.
    private @Nullable IOException damage;

    /// Whether the last read of the state failed; it is retried.
    private volatile boolean stateUnreadable;

    /// Why the last change of the state was not made, null if it was or may have been.
    private @Nullable String writeNotDone;

    private long writeNotDoneAt;

    private volatile Role role;
    private volatile ClockReading leaseExpiresAt;
    private volatile long highWatermark;
    private volatile boolean committingBatch;

    /// @param inFlight commits are reported to it
    /// @param replaceCopy replaces the open copy by an empty one, off the loop, and then calls [#onReplaced]
    ///     on the loop
    ReplicaDriver(
            int partition,
            CopyDirectory copies,
            Replica replica,
            int chunkBytes,
            Dependencies dependencies,
            InFlightKeys inFlight,
            Runnable replaceCopy) {
        this.partition = partition;
        this.copies = copies;
        this.replica = replica;
        this.chunkBytes = chunkBytes;
        this.dependencies = dependencies;
        this.inFlight = inFlight;
        this.replaceCopy = replaceCopy;
        this.role = replica.role();
        this.leaseExpiresAt = replica.leaseExpiresAt();
        this.highWatermark = store().highWatermark();
    }

    private Store store() {
        return copies.current();
    }

    /// Whether the lease has not expired, so that an earlier read may be answered. Thread-safe.
    boolean hasLease() {
        return now().isBefore(leaseExpiresAt);
    }

    /// The high watermark, published before its records become visible: no read returns a record beyond it.
    /// Thread-safe.
    long highWatermark() {
        return highWatermark;
    }

    /// Whether records of a batch are becoming visible, one after the other. Thread-safe.
    boolean isCommittingBatch() {
        return committingBatch;
    }

    /// The epoch of the record at the high watermark.
    int highWatermarkEpoch() {
        return replica.highWatermarkEpoch();
    }

    /// The role after the last event. Thread-safe.
    Role role() {
        return role;
    }

    /// Completes when the replica first serves or streams from its leader; fails if it is blocked or fenced
    /// before. Thread-safe.
    CompletionStage<Void> ready() {
        return ready.copy();
    }

    /// Completes when the replica was asked to stop and has stopped or is fenced, or when its driver has
    /// failed. Thread-safe.
    CompletionStage<Void> stopped() {
        return stopped.copy();
    }

    /// Whether writes are rejected because the disk is full or the node has too many open files. Thread-safe.
    boolean isExhausted() {
        return exhausted != null;
    }

    /// What the log lacks to take a write.
    String lacks() {
        return exhausted instanceof TooManyOpenFilesException tooMany
                ? "the node has too many open files" + tooMany.limitText()
                : "the disk of data-dir is full";
    }

    /// The number of proposals, prepared answers and reads without an outcome.
    int unsettledCount() {
        return pendingCallbacks.size();
    }

    /// Enqueues an event. Thread-safe.
    void submit(Event event) {
        dependencies.loop().execute(() -> step(event));
    }

    /// The sequence that the next proposed record will get.
    long nextSequence() {
        return replica.nextSequence();
    }

    /// The leader's time, Unix milliseconds.
    long leaderTime() {
        return replica.leaderTime(now(), store().logTime());
    }

    /// The time by the log's clock, which goes on with the machine's. Called regularly, so that the log's time
    /// goes on from when this copy has learned it. Thread-safe.
    long clockTime() {
        return replica.clockTime(now(), store().logTime());
    }

    /// Proposes one record.
    ///
    /// @param settled receives the outcome once: null when the record is committed, or with acks LEADER held
    ///     by the leader; called at once when it is refused
    void propose(RecordDraft draft, Proposal.Acks acks, Consumer<@Nullable Refusal> settled) {
        propose(List.of(draft), acks, settled);
    }

    /// Proposes records that are one batch of the log, as above: all of them are committed, or none.
    void propose(List<RecordDraft> drafts, Proposal.Acks acks, Consumer<@Nullable Refusal> settled) {
        if (processing) {
            throw new IllegalStateException("a record that is proposed in the middle of a step has no sequence yet");
        }
        request(settled, token -> new Event.Proposed(new Proposal(token, drafts, acks)));
    }

    /// Requests confirmation that an answer may be given: `sequence` is committed and, when `time` is not 0,
    /// the log time has reached it.
    void awaitReadBarrier(long sequence, long time, Consumer<@Nullable Refusal> settled) {
        request(settled, token -> new Event.ReadBarrierRequested(token, sequence, time));
    }

    /// Waits until this replica has applied the given position.
    ///
    /// @param timeoutMillis how long to wait for the position
    void awaitPosition(int epoch, long sequence, long timeoutMillis, Consumer<@Nullable Refusal> settled) {
        request(settled, token -> new Event.FollowerReadRequested(token, epoch, sequence, timeoutMillis));
    }

    private void request(Consumer<@Nullable Refusal> settled, LongFunction<Event> eventForToken) {
        if (broken) {
            settled.accept(ended ? Refusal.NOT_LEADER : Refusal.COPY_FENCED);
            return;
        }
        long token = ++lastToken;
        pendingCallbacks.put(token, settled);
        step(eventForToken.apply(token));
    }

    /// The sequence up to which a merge may drop tombstones: all assigned replicas have them, and the purge
    /// horizon is saved here, so a restart does not forget it.
    long localPurgeHorizon() {
        return Math.min(replica.localPurgeHorizon(), store().bounds().purgeHorizon());
    }

    /// Raises the log time when something has expired by the leader's clock: merges use the log time, which
    /// stands still when nothing is written.
    void advanceLogTime() {
        long next = store().maintenance().nextExpiry();
        long now = leaderTime();
        if (next != 0 && next <= now && role instanceof Role.Leader) {
            awaitReadBarrier(0, now, refusal -> {});
        }
    }

    /// The event-loop turn has ended: appends its proposals.
    void onTurnEnd() {
        if (stepped) {
            step(new Event.TurnEnded());
            stepped = false;
        }
    }

    /// Syncs what a relaxed durability left unsynced, unless a sync is in progress.
    void syncInBackground() {
        boolean unsynced = store().durableEnd() < store().end();
        if (!syncing && !replacing && !ended && unsynced && !(role instanceof Role.Fenced)) {
            sync();
        }
    }

    /// Processes an event, and all events that its effects cause.
    void step(Event event) {
        stopping |= event instanceof Event.StopRequested;
        if (broken) {
            return;
        }
        stepped = true;
        events.add(event);
        if (!processing) {
            processQueue();
        }
    }

    private void processQueue() {
        processing = true;
        try {
            Event next = events.poll();
            while (next != null) {
                carryOut(next);
                next = events.poll();
            }
        } catch (RuntimeException e) {
            fail(e);
        } catch (Error e) {
            // The node ends; until then, nothing half done may be acknowledged.
            fail(e);
            throw e;
        } finally {
            processing = false;
        }
        dependencies.listener().idle();
    }

    private void fail(Throwable fault) {
        if (ended && fault instanceof StoreClosedException) {
            // Something that had begun before the copy was closed, off the loop.
            return;
        }
        LOG.error("partition {}: fenced: unexpected failure", partition, fault);
        broken = true;
        events.clear();
        role = new Role.Fenced("internal error: " + fault, false);
        leaseExpiresAt = new ClockReading(Long.MIN_VALUE, Long.MIN_VALUE);
        store().fence(new IOException(fault));
        settleAllAsUnknown();
        completeFutures();
        dependencies.listener().failed(fault);
    }

    private void settleAllAsUnknown() {
        List<Consumer<@Nullable Refusal>> waiting = List.copyOf(pendingCallbacks.values());
        pendingCallbacks.clear();
        inFlight.clear();
        waiting.forEach(settled -> settled.accept(Refusal.OUTCOME_UNKNOWN));
    }

    /// The copy has stopped and is about to be closed, while its node goes on: all further events are ignored.
    void end() {
        ended = true;
        broken = true;
        events.clear();
        settleAllAsUnknown();
    }

    /// Whether [#end] was called.
    boolean hasEnded() {
        return ended;
    }

    private void carryOut(Event event) {
        Role before = replica.role();
        Effects effects = replica.step(event, now());
        dependencies.listener().stepped(event, before, replica.role(), effects);
        effects.notes().forEach(this::log);
        fenceIfDamaged();
        effects.bounds().ifPresent(this::persistBounds);
        effects.truncate().ifPresent(this::truncate);
        if (effects.rebuild()) {
            replacing = true;
            replaceOnceSaved = savingBounds;
            if (!savingBounds) {
                replaceCopy.run();
            }
        }
        effects.commit().ifPresent(this::commit);
        // Other threads read the role and then committed records: all of them must be visible when a leader is
        // first seen to serve. And no thread may answer reads once other nodes are about to learn that this
        // copy does not lead.
        role = replica.role();
        leaseExpiresAt = replica.leaseExpiresAt();
        if (!leads(role)) {
            inFlight.clear();
        }
        effects.append().ifPresent(this::append);
        effects.appendReplicated().ifPresent(this::appendReplicated);
        if (effects.sync()) {
            sync();
        }
        effects.settled().forEach(this::settle);
        effects.stateWrite().ifPresent(this::writeState);
        if (effects.readState()) {
            readState();
        }
        effects.sendRecords().forEach(this::readAndSend);
        effects.sends().forEach(send -> dependencies.messenger().send(send.to(), partition, send.message()));
        effects.wakeAfterMillis()
                .ifPresent(millis -> dependencies.loop().executeAfter(millis, () -> step(new Event.Woken())));
        completeFutures();
    }

    private static boolean leads(Role role) {
        return switch (role) {
            case Role.PendingLeader _, Role.Leader _, Role.Transferring _ -> true;
            case Role.Follower _, Role.Candidate _, Role.Resigned _, Role.Stopped _, Role.Fenced _, Role.Rebuilding _ ->
                false;
        };
    }

    /// A damaged leader stays writable until leadership has moved.
    private void fenceIfDamaged() {
        IOException cause = damage;
        if (cause != null && (replica.role() instanceof Role.Fenced || replica.role() instanceof Role.Rebuilding)) {
            store().fence(cause);
            damage = null;
        }
    }

    private ClockReading now() {
        return dependencies.clock().now();
    }

    private void completeFutures() {
        String blocked = replica.blockedReason();
        if (blocked != null) {
            ready.completeExceptionally(new CopyUnavailableException("partition " + partition + ": " + blocked));
        }
        if (replica.isStreaming()) {
            ready.complete(null);
        }
        switch (role) {
            case Role.Leader _ -> ready.complete(null);
            case Role.Stopped _ -> stopped.complete(null);
            case Role.Fenced fenced -> {
                ready.completeExceptionally(
                        new CopyUnavailableException("partition " + partition + ": " + fenced.reason()));
                // A damaged copy may be rebuilt with the next state: only one that was asked to stop has ended.
                if (stopping || broken) {
                    stopped.complete(null);
                }
            }
            case Role.Follower _, Role.Candidate _, Role.PendingLeader _, Role.Transferring _, Role.Resigned _ -> {}
            // It would not be tried again.
            case Role.Rebuilding _ -> {
                if (stopping && replaceFailedAt != null) {
                    stopped.complete(null);
                }
            }
        }
    }

    private void log(Effects.LogLine note) {
        switch (note.level()) {
            case INFO -> LOG.info("partition {}: {}", partition, note.text());
            case WARN -> LOG.warn("partition {}: {}", partition, note.text());
            case ERROR -> LOG.error("partition {}: {}", partition, note.text());
        }
    }

    private void settle(Effects.Settled settled) {
        Consumer<@Nullable Refusal> waiting = pendingCallbacks.remove(settled.token());
        if (waiting == null) {
            throw new IllegalStateException("token " + settled.token() + " was settled twice");
        }
        waiting.accept(settled.refusal());
    }

    private void commit(long to) {
        highWatermark = to;
        committingBatch = inFlight.hasBatchUpTo(to);
        store().commit(to);
        committingBatch = false;
        inFlight.removeUpTo(to);
        dependencies.listener().committed(to);
    }

    private void append(Effects.Append group) {
        encoder.start(group.epoch(), group.firstSequence());
        encoder.mark(group.time(), group.highWatermark());
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
            saveBounds();
            store().append(encoder.group());
            onResourcesAvailable();
            step(new Event.Appended());
        } catch (ResourceExhaustedException e) {
            onExhausted(e);
            step(new Event.AppendRejected());
        } catch (IOException e) {
            onFailure(store(), e);
        }
    }

    /// A full disk does not fence the copy, but nothing is appended before the bounds are persisted.
    private void persistBounds(Effects.Bounds bounds) {
        pendingBounds = new CopyBounds(bounds.purgeHorizon(), bounds.completeAt(), bounds.logTime());
        saveBounds();
    }

    /// Persists the newest bounds, one save at a time.
    private void saveBounds() {
        CopyBounds bounds = pendingBounds;
        if (bounds == null || savingBounds || replacing) {
            return;
        }
        savingBounds = true;
        Store saved = store();
        dependencies.syncs().execute(() -> {
            try {
                saved.saveBounds(bounds);
                dependencies.loop().execute(() -> onBoundsSaved(saved, bounds));
            } catch (IOException e) {
                dependencies.loop().execute(() -> onBoundsNotSaved(saved, e));
            } catch (RuntimeException | Error e) {
                dependencies.loop().execute(() -> fail(e));
            }
        });
    }

    private void onBoundsSaved(Store saved, CopyBounds bounds) {
        savingBounds = false;
        if (!isInUse(saved)) {
            replaceIfItWaited();
            return;
        }
        saved.adoptLogTime();
        if (bounds.equals(pendingBounds)) {
            pendingBounds = null;
        }
        saveBounds();
        Effects.AppendReplicated held = heldAppend;
        if (held != null && pendingBounds == null) {
            heldAppend = null;
            storeIfAwaited(held);
        }
    }

    /// The next append has them saved again.
    private void onBoundsNotSaved(Store saved, IOException cause) {
        savingBounds = false;
        Effects.AppendReplicated held = heldAppend;
        heldAppend = null;
        if (!isInUse(saved)) {
            replaceIfItWaited();
        } else if (cause instanceof ResourceExhaustedException resource) {
            onExhausted(resource);
            if (held != null && replica.isAwaiting(held.append())) {
                step(new Event.AppendRejected());
            }
        } else {
            onFailure(saved, cause);
        }
    }

    private void replaceIfItWaited() {
        if (replaceOnceSaved) {
            replaceOnceSaved = false;
            replaceCopy.run();
        }
    }

    /// The copy may have begun to follow another leader, or to lead, since.
    private void storeIfAwaited(Effects.AppendReplicated held) {
        if (!broken && replica.isAwaiting(held.append())) {
            store(held);
        }
    }

    private void truncate(long last) {
        try {
            store().truncate(last);
            step(new Event.Truncated());
        } catch (IllegalArgumentException e) {
            // A merged range is committed; it is truncated only after an unclean election.
            step(new Event.CopyDamaged("its log cannot be truncated to record " + last + ": " + e.getMessage()));
        } catch (IOException e) {
            onFailure(store(), e);
        }
    }

    private void appendReplicated(Effects.AppendReplicated wanted) {
        if (role instanceof Role.Fenced) {
            return;
        }
        if (pendingBounds != null) {
            heldAppend = wanted;
            saveBounds();
        } else {
            store(wanted);
        }
    }

    private void store(Effects.AppendReplicated wanted) {
        Message.AppendRecords append = wanted.append();
        if (!(append.batches() instanceof RawBatches batches)) {
            throw new IllegalStateException("unexpected batches type: " + append);
        }
        try {
            store().appendReplicated(
                            batches.content(), append.previousSequence(), append.lastSequence(), wanted.epochs());
            onResourcesAvailable();
            step(new Event.ReplicatedAppended());
        } catch (ResourceExhaustedException e) {
            onExhausted(e);
            step(new Event.AppendRejected());
        } catch (MalformedBatchesException e) {
            LOG.warn("partition {}: rejected append from leader: {}", partition, e.getMessage());
            step(new Event.AppendRejected());
        } catch (IOException e) {
            onFailure(store(), e);
        }
    }

    /// Reads the next records for a follower and sends them. The newest are in memory; older ones may come
    /// from the disk and are read off the loop.
    private void readAndSend(Effects.SendRecords send) {
        Store from = store();
        if (role instanceof Role.Fenced || send.previousSequence() > from.end()) {
            return;
        }
        if (send.previousSequence() == from.end()) {
            send(send, new RawRecords(ByteBuffer.allocate(0), send.previousSequence(), send.previousSequence(), 0, 0));
            return;
        }
        LogRead read = from.beginRead(send.previousSequence(), chunkBytes, from.end());
        long truncations = from.truncations();
        if (read.isTail()) {
            read(send, read, from, truncations);
        } else {
            dependencies.workers().execute(() -> read(send, read, from, truncations));
        }
    }

    private void read(Effects.SendRecords send, LogRead read, Store from, long truncations) {
        try {
            send(send, read.run());
        } catch (IOException e) {
            dependencies.loop().execute(() -> {
                // The log was truncated during the read: discard it.
                if (from.truncations() == truncations) {
                    onFailure(from, e);
                }
            });
        } catch (RuntimeException | Error e) {
            dependencies.loop().execute(() -> fail(e));
        }
    }

    private void send(Effects.SendRecords send, RawRecords read) {
        String to = send.to().node();
        Message.AppendRecords append =
                send.message(read.to(), read.completeAt(), read.logTime(), new RawBatches(read.content()));
        long bytes = read.content().remaining();
        dependencies.messenger().send(to, partition, append);
        submit(new Event.RecordsSent(to, send.streamId(), read.to(), bytes));
    }

    /// Logs once: every retry would log.
    private void onExhausted(ResourceExhaustedException cause) {
        if (exhausted == null) {
            LOG.error("partition {}: rejecting writes: {}", partition, cause.getMessage());
        }
        exhausted = cause;
    }

    /// The free space was read.
    ///
    /// @param room whether it is more than a little
    /// @param refusing whether puts are refused to keep the reserve
    void onSpaceChecked(boolean room, boolean refusing) {
        DiskSpace now = room ? DiskSpace.ROOM : refusing || exhausted != null ? DiskSpace.FULL : DiskSpace.LOW;
        if (now != space) {
            space = now;
            step(new Event.DiskSpaceChanged(now));
        }
    }

    /// Something was written again, or could be.
    void onResourcesAvailable() {
        if (exhausted != null) {
            LOG.info("partition {}: accepting writes again", partition);
        }
        exhausted = null;
    }

    private void sync() {
        Store synced = store();
        syncing = true;
        try {
            Sync sync = synced.beginSync();
            dependencies.syncs().execute(() -> run(synced, sync));
        } catch (IOException e) {
            onFailure(synced, e);
        }
    }

    private void run(Store synced, Sync sync) {
        try {
            sync.run();
            dependencies.loop().execute(() -> onSynced(synced, sync));
        } catch (IOException e) {
            dependencies.loop().execute(() -> onFailure(synced, e));
        } catch (RuntimeException | Error e) {
            // The writes waiting for this sync must be completed.
            dependencies.loop().execute(() -> fail(e));
        }
    }

    private void onSynced(Store synced, Sync sync) {
        if (isInUse(synced)) {
            syncing = false;
            synced.endSync(sync);
            step(new Event.Synced(synced.durableEnd()));
        }
    }

    private boolean isInUse(Store copy) {
        return copy.equals(store()) && !replacing && !ended;
    }

    /// Handles a failure of the copy. A failed sync is never retried: what is on the disk is unknown. Failures
    /// of a copy that was replaced, or is being replaced, are ignored.
    ///
    /// @param failed the store that failed
    void onFailure(Store failed, IOException cause) {
        if (!isInUse(failed)) {
            return;
        }
        String reason = String.valueOf(cause.getMessage());
        if (cause instanceof DamagedLogException) {
            damage = cause;
            step(new Event.CopyDamaged(reason));
        } else {
            failed.fence(cause);
            step(new Event.DiskFailed(reason));
        }
    }

    /// An empty copy has replaced the one that was set aside. No sync is in progress on the new copy.
    void onReplaced() {
        replacing = false;
        replaceFailure = null;
        syncing = false;
        damage = null;
        pendingBounds = null;
        heldAppend = null;
        highWatermark = 0;
        LOG.info("partition {}: starting empty copy {}", partition, store().id());
        step(new Event.Rebuilt(new CopyId(replica.copyId().node(), store().id().toString())));
        step(new Event.Synced(0));
    }

    /// The copy could not be replaced. The reason may pass, for instance a full disk: [#retryReplace] tries
    /// again.
    void onReplaceFailed(Exception cause) {
        String reason = "cannot start an empty copy, trying again: " + cause.getMessage();
        if (!reason.equals(replaceFailure)) {
            LOG.error("partition {}: {}", partition, reason, cause);
        }
        replaceFailure = reason;
        replaceFailedAt = now().monotonic();
        completeFutures();
    }

    /// Tries again to replace a copy where that failed a while ago.
    void retryReplace(long now) {
        if (replaceFailedAt != null && !stopping && now - replaceFailedAt >= REPLACE_RETRY_MILLIS) {
            replaceFailedAt = null;
            replaceCopy.run();
        }
    }

    /// Why the copy could not be replaced, or null.
    @Nullable
    String replaceFailure() {
        return replaceFailure;
    }

    private void writeState(Effects.StateWrite write) {
        var _ = dependencies
                .coordinator()
                .compareAndSet(write.expectedVersion(), write.next())
                .thenAccept(result -> dependencies.loop().execute(() -> step(outcome(write.next(), result))));
    }

    private Event outcome(PartitionState next, CasResult result) {
        logWriteNotDone(result instanceof CasResult.NotDone(String reason) ? reason : null);
        return switch (result) {
            case CasResult.Won won -> new Event.CasWon(new Versioned<>(next, won.version()));
            case CasResult.Lost lost -> new Event.CasLost(lost.current());
            case CasResult.NotDone _ -> new Event.CasNotDone();
            case CasResult.Unknown _ -> new Event.CasUnknown();
        };
    }

    /// Each reason once: the write is tried again and again.
    private void logWriteNotDone(@Nullable String reason) {
        if (reason != null && !reason.equals(writeNotDone)) {
            LOG.warn("partition {}: its state cannot be changed now: {}", partition, reason);
        }
        writeNotDone = reason;
        writeNotDoneAt = now().monotonic();
    }

    /// Why the partition's state cannot be changed, unless that is over: a change that is still wanted is tried
    /// again and again.
    Optional<String> stateWriteFailure() {
        boolean recent = now().monotonic() - writeNotDoneAt < STATE_WRITE_FAILURE_MILLIS;
        return recent ? Optional.ofNullable(writeNotDone) : Optional.empty();
    }

    private void readState() {
        var _ = dependencies.coordinator().read(partition).whenComplete((state, failure) -> {
            if (failure == null) {
                stateUnreadable = false;
                submit(new Event.StateObserved(state));
            } else if (!stateUnreadable) {
                stateUnreadable = true;
                LOG.warn(
                        "partition {}: cannot read partition state from ZooKeeper, retrying: {}",
                        partition,
                        failure.getMessage());
            }
        });
    }
}
