package io.caskade.server.partition;

import io.caskade.bitcask.Entry;
import io.caskade.bitcask.ScanPage;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.store.CacheLookup;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.EntryInfo;
import io.caskade.bitcask.store.OnDamage;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.merge.PutThrottle;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandDecision;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Page;
import io.caskade.server.command.CommandHandler.Position;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.partition.CopyReader.Fetched;
import io.caskade.server.replica.Proposal.Acks;
import io.caskade.server.replica.RecordDraft;
import io.caskade.server.replica.Refusal;
import io.caskade.server.replica.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Executes clients' commands on one partition. Reads run on the caller's thread, which may wait for the disk;
/// writes are decided on the partition's event loop, and what a decision needs from the disk is fetched before,
/// off the loop.
public final class CommandExecutor {

    /// A read by what this copy has applied.
    ///
    /// @param deadline when it is refused if the copy is still behind, by the monotonic clock, in milliseconds
    private record LocalGet(byte[] key, ReplicaRead read, long deadline, CompletableFuture<StartedGet> started) {}

    /// A write that is not in the log yet.
    ///
    /// @param hold its bytes
    record PendingWrite(
            Command command, Acks acks, ByteBudget.Hold hold, CompletableFuture<Answer<Command.Result>> answer) {

        /// The write was not logged.
        void fail(Throwable cause) {
            hold.release();
            answer.completeExceptionally(cause);
        }
    }

    /// Maximum bytes per scan page, unless a single record is larger: bounds memory and messages, and a page of
    /// small values fits the 4 MiB that gRPC clients accept by default.
    static final long PAGE_BYTES = 3 << 20;

    private static final byte[] NO_BYTES = {};

    private final int partition;
    private final ReplicaDriver driver;
    private final EventLoop loop;
    private final Dependencies dependencies;
    private final ByteBudget inFlightBudget;
    private final RefusalMessages refusals;
    private final CopyReader reader;

    // Event loop only.
    private final InFlightKeys inFlight;
    private final DelayedAnswers delayed;
    private final WriteAdmission admission;
    private final WriteOrder order;

    private final BatchExecutor batches;

    /// @param inFlight the driver reports commits to it
    /// @param inFlightBudget maximum bytes of writes that are not answered or not committed
    /// @param reserve the free space that puts must leave
    /// @param throttle slows puts while the current copy's merges cannot keep up
    CommandExecutor(
            int partition,
            CopyDirectory copies,
            ReplicaDriver driver,
            InFlightKeys inFlight,
            Dependencies dependencies,
            ByteBudget inFlightBudget,
            DiskReserve reserve,
            Supplier<PutThrottle> throttle) {
        this.partition = partition;
        this.driver = driver;
        this.inFlight = inFlight;
        this.loop = dependencies.loop();
        this.dependencies = dependencies;
        this.inFlightBudget = inFlightBudget;
        this.refusals = new RefusalMessages(partition, driver);
        this.reader = new CopyReader(partition, copies, driver, loop, refusals);
        this.delayed = new DelayedAnswers(loop);
        this.admission = new WriteAdmission(partition, copies, inFlight, inFlightBudget, reserve, throttle);
        this.order = new WriteOrder(reader, inFlight, dependencies, this::decideOrFail);
        this.batches = new BatchExecutor(
                partition, driver, inFlight, dependencies, inFlightBudget, reader, admission, refusals, delayed);
    }

    /// Gives the answers that are held back. Event loop only.
    void flushAnswers() {
        delayed.flush();
    }

    /// The bytes of writes that are not answered or not committed.
    long inFlightBytes() {
        return inFlightBudget.used();
    }

    /// Gets a key's record, or null. Never blocks.
    public StartedGet beginGet(byte[] key) {
        return beginGet(key, true, now(), requireServingEpoch());
    }

    /// Gets a key's record, or null, and does not read its value for it. Never blocks.
    public StartedGet beginGetInfo(byte[] key) {
        return beginGet(key, false, now(), requireServingEpoch());
    }

    /// Reads the log time before the record: by a later time, a record that was replaced or extended meanwhile
    /// would seem expired.
    private StartedGet beginGet(byte[] key, boolean withValue, long now, int epoch) {
        Store store = store();
        long logTime = store.logTime();
        return switch (reader.read(store, copy -> copy.lookUp(key))) {
            case CacheLookup.Known(Entry entry) ->
                new StartedGet.Answered(
                        entry == null || !withValue ? 0 : entry.key().length + (long) entry.value().length,
                        answer(key, withValue, entry == null ? null : found(entry, now), logTime, now, epoch));
            case CacheLookup.OnDisk found ->
                new StartedGet.NeedsDisk(
                        withValue ? Location.maxBytes(found.location()) : 0,
                        () -> answer(key, withValue, read(store, found, key, withValue, now), logTime, now, epoch));
        };
    }

    private @Nullable FoundRecord read(Store store, CacheLookup.OnDisk found, byte[] key, boolean withValue, long now) {
        if (withValue) {
            Entry entry = reader.read(store, copy -> copy.read(found, key));
            return entry == null ? null : found(entry, now);
        }
        EntryInfo info = reader.read(store, copy -> copy.readInfo(found, key));
        return info == null
                ? null
                : new FoundRecord(
                        key, NO_BYTES, info.valueBytes(), info.version(), info.expiresAt(), ttl(info.expiresAt(), now));
    }

    private CompletionStage<Answer<@Nullable FoundRecord>> answer(
            byte[] key, boolean withValue, @Nullable FoundRecord found, long logTime, long now, int epoch) {
        if (found == null || isExpired(found, logTime)) {
            return answer(null, epoch);
        }
        if (isExpired(found, now)) {
            return getAt(key, withValue, now, epoch);
        }
        return answer(found, epoch);
    }

    private static boolean isExpired(FoundRecord found, long time) {
        return found.expiresAt() != 0 && found.expiresAt() <= time;
    }

    /// Raises the log time to that by which a record seems expired, then looks the key up again: it may have
    /// been written meanwhile.
    private CompletionStage<Answer<@Nullable FoundRecord>> getAt(byte[] key, boolean withValue, long now, int epoch) {
        return advanceLogTimeTo(now)
                .thenComposeAsync(_ -> beginGet(key, withValue, now, epoch).finish(), dependencies.workers());
    }

    /// Starts to get a key's record from this copy, or null, whether it leads or not, once this copy has
    /// applied the read's position. Expiry is judged by the log time alone, because only a leader can raise it.
    /// Never blocks.
    public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read) {
        long deadline = dependencies.clock().now().monotonic() + read.maxWaitMillis();
        LocalGet get = new LocalGet(key, read, deadline, new CompletableFuture<>());
        loop.execute(() -> awaitPosition(get));
        return get.started();
    }

    private void awaitPosition(LocalGet get) {
        long left = Math.max(0, get.deadline() - dependencies.clock().now().monotonic());
        driver.awaitPosition(get.read().epoch(), get.read().sequence(), left, refusal -> {
            try {
                if (refusal != null) {
                    throw refusals.of(refusal, get.read());
                }
                lookUp(get);
            } catch (RuntimeException e) {
                get.started().completeExceptionally(e);
            }
        });
    }

    /// Pins the store: a replacement copy may be behind the position.
    private void lookUp(LocalGet get) {
        Store store = store();
        long logTime = store.logTime();
        switch (reader.read(store, copy -> copy.lookUp(get.key()))) {
            case CacheLookup.Known(Entry entry) -> {
                CompletableFuture<Answer<@Nullable FoundRecord>> answer = new CompletableFuture<>();
                answer(get, store, foundHere(entry, logTime), answer);
                get.started()
                        .complete(new StartedGet.Answered(
                                entry == null ? 0 : entry.key().length + (long) entry.value().length, answer));
            }
            case CacheLookup.OnDisk found ->
                get.started()
                        .complete(new StartedGet.NeedsDisk(
                                Location.maxBytes(found.location()), () -> readHere(get, store, found, logTime)));
        }
    }

    private CompletionStage<Answer<@Nullable FoundRecord>> readHere(
            LocalGet get, Store store, CacheLookup.OnDisk found, long logTime) {
        FoundRecord record = foundHere(reader.read(store, copy -> copy.read(found, get.key())), logTime);
        CompletableFuture<Answer<@Nullable FoundRecord>> answer = new CompletableFuture<>();
        loop.execute(() -> answer(get, store, record, answer));
        return answer;
    }

    /// A copy that its leader began to bring up to date meanwhile, by a log with gaps, shows records beyond its
    /// high watermark until it is complete: the position would not cover what was read.
    private void answer(
            LocalGet get,
            Store store,
            @Nullable FoundRecord found,
            CompletableFuture<Answer<@Nullable FoundRecord>> answer) {
        if (!store.equals(store())) {
            answer.completeExceptionally(refusals.of(Refusal.NOT_SERVING));
        } else if (store.highWatermark() > driver.highWatermark()) {
            LocalGet again = new LocalGet(get.key(), get.read(), get.deadline(), new CompletableFuture<>());
            var _ = again.started()
                    .thenComposeAsync(StartedGet::finish, dependencies.workers())
                    .whenComplete((later, failure) -> {
                        if (failure == null) {
                            answer.complete(later);
                        } else {
                            answer.completeExceptionally(failure);
                        }
                    });
            awaitPosition(again);
        } else {
            Position position = new Position(partition, driver.highWatermarkEpoch(), driver.highWatermark());
            answer.complete(new Answer<>(found, position));
        }
    }

    /// A record is there until the log time says otherwise, and has a millisecond to live then.
    private @Nullable FoundRecord foundHere(@Nullable Entry entry, long logTime) {
        return entry == null || entry.isExpiredAt(logTime)
                ? null
                : found(entry, Math.min(now(), entry.expiresAt() - 1));
    }

    /// Scans records from a cursor.
    public CompletionStage<Answer<Page>> scan(long position, int most, byte[] prefix) {
        return scan(position, most, prefix, now(), requireServingEpoch());
    }

    /// As for a single key, the log time is read first, and the page again after the log time was raised.
    private CompletionStage<Answer<Page>> scan(long position, int most, byte[] prefix, long now, int epoch) {
        long logTime = store().logTime();
        ScanPage page = reader.read(store -> store.scan(position, most, PAGE_BYTES, OnDamage.REFUSE));
        boolean needsTime =
                page.entries().stream().anyMatch(entry -> entry.isExpiredAt(now) && !entry.isExpiredAt(logTime));
        if (needsTime) {
            return advanceLogTimeTo(now)
                    .thenComposeAsync(_ -> scan(position, most, prefix, now, epoch), dependencies.workers());
        }
        List<FoundRecord> records = page.entries().stream()
                .filter(entry ->
                        !entry.isExpiredAt(now) && !entry.isExpiredAt(logTime) && startsWith(entry.key(), prefix))
                .map(entry -> found(entry, now))
                .toList();
        return answer(new Page(records, page.next()), epoch);
    }

    /// Counts records, those included that have expired and were not removed.
    public CompletionStage<Answer<Long>> count() {
        int epoch = requireServingEpoch();
        return answer(store().size(), epoch);
    }

    /// Executes a write. Never blocks.
    public CompletionStage<Answer<Command.Result>> write(Command command) {
        return write(command, Acks.ALL);
    }

    /// Executes a write. Never blocks.
    ///
    /// @param acks when it is acknowledged: once the whole ISR holds it, or once the leader does
    CompletionStage<Answer<Command.Result>> write(Command command, Acks acks) {
        requireServingEpoch();
        ByteBudget.Hold hold = inFlightBudget.tryHold(command.bytes());
        if (hold == null) {
            throw refusals.busy();
        }
        PendingWrite write = new PendingWrite(command, acks, hold, new CompletableFuture<>());
        if (command.needsRecord()) {
            dependencies.workers().execute(() -> fetchAndDecide(write));
        } else {
            loop.execute(() -> decideOrFail(write, null));
        }
        return write.answer();
    }

    /// Executes a write after all writes of its key that this method was given before. Never blocks.
    public CompletionStage<Answer<Command.Result>> writeInOrder(Command command) {
        requireServingEpoch();
        ByteBudget.Hold hold = inFlightBudget.tryHold(command.bytes());
        if (hold == null) {
            throw refusals.busy();
        }
        PendingWrite write = new PendingWrite(command, Acks.ALL, hold, new CompletableFuture<>());
        loop.execute(() -> order.add(write));
        return write.answer();
    }

    /// Executes a batch whose keys are all of this partition. Never blocks.
    ///
    /// @param maxBytes the most that its records may take in the log
    public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch, long maxBytes) {
        return batches.write(batch, maxBytes);
    }

    /// Every failure completes the caller's future.
    private void fetchAndDecide(PendingWrite write) {
        try {
            Fetched fetched = reader.fetch(
                    write.command().key(), write.hold(), write.command().bytes());
            loop.execute(() -> decideOrFail(write, fetched));
        } catch (RuntimeException | Error e) {
            write.fail(e);
        }
    }

    private void decideOrFail(PendingWrite write, @Nullable Fetched fetched) {
        try {
            decide(write, fetched);
        } catch (RuntimeException e) {
            write.fail(e);
        }
    }

    private void decide(PendingWrite write, @Nullable Fetched fetched) {
        int epoch = requireServingEpoch();
        Command command = write.command();
        InFlightKeys.State state = inFlight.of(command.key());
        if (state == null && fetched != null && !fetched.isCurrentIn(store())) {
            dependencies.workers().execute(() -> fetchAndDecide(write));
            return;
        }
        StoredRecord record = state != null ? state.record() : fetched != null ? fetched.record() : null;
        long dependsOn = state != null ? state.sequence() : 0;
        long now = driver.leaderTime();
        boolean expired = isExpiredAt(record, now);
        boolean needsTime = expired && !isExpiredAt(record, store().logTime());
        CommandDecision decision = CommandDecision.of(command, expired ? null : record, now, driver.nextSequence());
        RecordDraft draft = decision.draft();
        if (draft == null) {
            driver.awaitReadBarrier(dependsOn, needsTime ? now : 0, refusal -> {
                write.hold().release();
                settle(write, decision.result(), epoch, refusal);
            });
        } else {
            admission.require(draft, record, write.hold());
            propose(draft, write, decision.result(), epoch);
        }
    }

    private static boolean isExpiredAt(@Nullable StoredRecord record, long time) {
        return record != null && record.isExpiredAt(time);
    }

    /// From here on the record holds the write's bytes until it is committed or refused.
    private void propose(RecordDraft draft, PendingWrite write, Command.Result result, int epoch) {
        long sequence = driver.nextSequence();
        long delayMillis = admission.delayMillis(draft);
        inFlight.add(draft, sequence, write.hold());
        driver.propose(draft, write.acks(), refusal -> {
            if (refusal != null) {
                inFlight.removeRefused(sequence);
            }
            if (refusal == null && delayMillis > 0) {
                settleLater(write, result, epoch, delayMillis);
            } else {
                settle(write, result, epoch, refusal);
            }
        });
    }

    /// The answer is as of now, and its bytes count until it is given.
    private void settleLater(PendingWrite write, Command.Result result, int epoch, long delayMillis) {
        Answer<Command.Result> answer = new Answer<>(result, new Position(partition, epoch, driver.highWatermark()));
        ByteBudget.Hold hold = inFlightBudget.tryHold(write.command().bytes());
        delayed.after(delayMillis, () -> {
            if (hold != null) {
                hold.release();
            }
            write.answer().complete(answer);
        });
    }

    private void settle(PendingWrite write, Command.Result result, int epoch, @Nullable Refusal refusal) {
        if (refusal == null) {
            write.answer().complete(new Answer<>(result, new Position(partition, epoch, driver.highWatermark())));
        } else {
            write.answer().completeExceptionally(refusals.of(refusal));
        }
    }

    /// Completes when the log time has reached `time`: records that expired by then are never visible again.
    private CompletionStage<@Nullable Void> advanceLogTimeTo(long time) {
        CompletableFuture<@Nullable Void> reached = new CompletableFuture<>();
        loop.execute(() -> driver.awaitReadBarrier(0, time, refusal -> {
            if (refusal == null) {
                reached.complete(null);
            } else {
                reached.completeExceptionally(refusals.of(refusal));
            }
        }));
        return reached;
    }

    /// A leader read is answered only while this replica leads in the same epoch and holds its lease; otherwise
    /// the event loop confirms it. So it does while a batch becomes visible: a caller that has seen a part must
    /// see the rest with the next read.
    private <T extends @Nullable Object> CompletionStage<Answer<T>> answer(T value, int epoch) {
        Answer<T> answer = new Answer<>(value, new Position(partition, epoch, driver.highWatermark()));
        // Check the lease before the epoch: epochs only grow, so an unchanged epoch means the lease was ours.
        boolean hasLease = driver.hasLease();
        if (requireServingEpoch() != epoch) {
            throw refusals.of(Refusal.NOT_LEADER);
        }
        if (hasLease && !driver.isCommittingBatch()) {
            // Not a stage, which would be copied to see whether it is complete.
            return CompletableFuture.completedFuture(answer);
        }
        CompletableFuture<Answer<T>> confirmed = new CompletableFuture<>();
        loop.execute(() -> driver.awaitReadBarrier(0, 0, refusal -> {
            if (refusal != null) {
                confirmed.completeExceptionally(refusals.of(refusal));
            } else if (driver.role() instanceof Role.Leader leader && leader.epoch() == epoch) {
                confirmed.complete(answer);
            } else {
                confirmed.completeExceptionally(refusals.of(Refusal.NOT_LEADER));
            }
        }));
        return confirmed;
    }

    private Store store() {
        return reader.store();
    }

    private int requireServingEpoch() {
        Role role = driver.role();
        if (role instanceof Role.Leader leader) {
            return leader.epoch();
        }
        throw refusals.of(Objects.requireNonNull(role.refusal()));
    }

    private long now() {
        return driver.clockTime();
    }

    private static FoundRecord found(Entry entry, long now) {
        return new FoundRecord(
                entry.key(), entry.value(), entry.version(), entry.expiresAt(), ttl(entry.expiresAt(), now));
    }

    private static long ttl(long expiresAt, long now) {
        return expiresAt == 0 ? -1 : expiresAt - now;
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
