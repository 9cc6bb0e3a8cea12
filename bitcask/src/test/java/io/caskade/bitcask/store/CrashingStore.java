package io.caskade.bitcask.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.PowerFailureException;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.store.merge.Merge;
import io.caskade.bitcask.store.merge.MergePolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A store that is written to at random, crashes, and after each opening is compared with a plain map's
/// history.
///
/// What must be there after a crash is tracked as the store's user would: what [Store#append] returned for,
/// what [Store#endSync] said is durable, what was committed.
final class CrashingStore {

    /// None, several to a segment of 400 bytes, one.
    private static final long[] RESERVES = {0, 250, 400};

    private final FaultyDisk disk;
    private final Durability durability;
    private final Random random;
    private final History history = new History();

    private @Nullable Store store;
    private int boot;
    private int epoch = 1;

    /// The last record that was acknowledged: committed, after it was synced where that is promised.
    private long acknowledged;

    /// The last record that a completed sync covers.
    private long durable;

    /// The last record that was written.
    private long appended;

    private @Nullable UUID id;

    /// Whether the copy was last closed cleanly, and what has happened since.
    private boolean clean = true;

    /// Whether a clean close was begun, which may or may not have come to leave word of it.
    private boolean closing;

    private boolean lostPower;
    private boolean interrupted;

    private boolean merging;
    private long purgeHorizon;
    private int merges;
    private int resumptions;

    private final List<Sync> pending = new ArrayList<>();

    CrashingStore(FaultyDisk disk, Durability durability, Random random) {
        this.disk = disk;
        this.durability = durability;
        this.random = random;
    }

    /// Ends the process that has the store open.
    void kill() {
        disk.kill();
        store = null;
    }

    /// Ends the process and takes the power from the machine.
    void failPower(Random luck) {
        if (luck.nextInt(4) == 0) {
            disk.powerFailure();
        } else {
            disk.powerFailure(luck);
        }
        store = null;
        boot++;
        lostPower = true;
    }

    /// How many merges have come to their end.
    int merges() {
        return merges;
    }

    /// How many openings needed no recovery.
    int resumptions() {
        return resumptions;
    }

    /// Opens the store after whatever has happened, and checks that it has what it must.
    void open() throws IOException {
        pending.clear();
        merging = false;
        boolean before = interrupted;
        interrupted = true;
        long reserve = RESERVES[random.nextInt(RESERVES.length)];
        Store opened =
                Store.open(disk, StoreOnDisk.DIRECTORY, StoreOnDisk.options(durability, "boot-" + boot, 400, reserve));
        interrupted = before;
        resumptions += opened.isFromCheckpoint() ? 1 : 0;
        check(opened);
        store = opened;
    }

    private void check(Store opened) throws IOException {
        long end = opened.end();
        long least = !lostPower ? appended : durability == Durability.SYNC ? Math.max(acknowledged, durable) : durable;
        assertThat(end).as("the end of the log").isBetween(least, history.end());
        assertThat(history.hasBatchEnd(end)).as("record %d ends a batch", end).isTrue();
        assertThat(opened.durableEnd()).as("all that is kept is durable").isEqualTo(end);
        history.cut(end);
        assertThat(StoreOnDisk.contents(opened))
                .as("the records up to the high watermark, %d", opened.highWatermark())
                .isEqualTo(history.mapAt(opened.highWatermark()));
        assertThat(opened.epochs()).as("the history of epochs").isEqualTo(history.epochs());
        opened.commit(end);
        assertThat(StoreOnDisk.contents(opened)).as("everything").isEqualTo(history.mapAt(end));
        checkIdentity(opened);
        id = opened.id();
        clean = false;
        closing = false;
        lostPower = false;
        interrupted = false;
        durable = end;
        acknowledged = end;
        appended = end;
    }

    private void checkIdentity(Store opened) {
        if (id == null) {
            return;
        }
        boolean kept = durability == Durability.SYNC || !lostPower || (clean && !interrupted);
        boolean spent = durability != Durability.SYNC && lostPower && !clean && !closing;
        if (kept) {
            assertThat(opened.id())
                    .as("the identity of a copy that has everything")
                    .isEqualTo(id);
        }
        if (spent) {
            assertThat(opened.id())
                    .as("the identity of a copy that may lack something")
                    .isNotEqualTo(id);
        }
        if (spent && !interrupted) {
            assertThat(opened.formerIds()).contains(id);
        }
    }

    /// One thing that a user of the store may do, chosen at random.
    void act() throws IOException {
        Store open = opened();
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3, 4 -> append(open);
            case 5, 6 -> sync(open);
            case 7 -> pending.add(open.beginSync());
            case 8 -> runPending(open);
            case 9 -> commit(open);
            case 10 -> truncate(open);
            case 11 -> hint(open);
            case 12 -> merge(open);
            default -> assertThat(StoreOnDisk.contents(open)).isEqualTo(history.mapAt(open.highWatermark()));
        }
    }

    private void append(Store open) throws IOException {
        if (random.nextInt(8) == 0) {
            epoch++;
        }
        long before = history.end();
        ByteBuffer group = history.group(random, epoch, Math.min(open.highWatermark(), open.durableEnd()));
        try {
            open.append(group);
        } catch (PowerFailureException e) {
            throw e;
        } catch (IOException e) {
            if (!disk.isStopped()) {
                history.cut(before);
            }
            throw e;
        }
        appended = history.end();
    }

    private void sync(Store open) throws IOException {
        Sync sync = open.beginSync();
        sync.run();
        open.endSync(sync);
        durable = Math.max(durable, open.durableEnd());
        commit(open);
    }

    private void runPending(Store open) throws IOException {
        if (!pending.isEmpty()) {
            Sync sync = pending.remove(random.nextInt(pending.size()));
            sync.run();
            open.endSync(sync);
            durable = open.durableEnd();
        }
    }

    /// A follower has begun to be sent the log from its start.
    private void lowerPurgeHorizon() {
        if (random.nextInt(8) == 0) {
            purgeHorizon = random.nextInt(100);
        }
    }

    /// A merge, between whose steps other things are done.
    private void merge(Store open) throws IOException {
        if (merging) {
            return;
        }
        merging = true;
        purgeHorizon = random.nextInt(3) == 0 ? random.nextInt(100) : Long.MAX_VALUE;
        MergePolicy policy = new MergePolicy(
                0.01 + random.nextDouble() / 2, 1 + random.nextInt(3_000), () -> purgeHorizon, random.nextBoolean());
        Optional<Merge> merge = Merge.begin(open, policy, random.nextInt(3) == 0 ? random.nextInt(60) : 0);
        if (merge.isPresent()) {
            merge.get()
                    .run(
                            step -> {
                                disturb();
                                lowerPurgeHorizon();
                                step.run();
                                disturb();
                            },
                            bytes -> disturbReading());
            merges++;
        }
        merging = false;
        assertThat(StoreOnDisk.contents(open)).as("after a merge").isEqualTo(history.mapAt(open.highWatermark()));
    }

    /// What other threads do to the store while a merge runs.
    private void disturb() throws IOException {
        for (int i = random.nextInt(3); i > 0 && !disk.isStopped(); i--) {
            act();
        }
    }

    private void disturbReading() {
        try {
            if (!disk.isStopped() && random.nextInt(4) == 0) {
                act();
            }
        } catch (IOException e) {
            // The disk has stopped, and the merge will find that out itself.
            assertThat(disk.isStopped()).isTrue();
        }
    }

    private static void hint(Store open) throws IOException {
        Optional<HintWriter> task = open.maintenance().beginHint();
        if (task.isPresent()) {
            task.get().run();
        }
    }

    private void commit(Store open) {
        long upTo = durability == Durability.SYNC ? open.durableEnd() : open.end();
        open.commit(upTo);
        acknowledged = Math.max(acknowledged, upTo);
    }

    private void truncate(Store open) throws IOException {
        long range = open.end() - open.highWatermark();
        long last = history.batchEndUpTo(open.highWatermark() + (range == 0 ? 0 : random.nextLong(range + 1)));
        if (last < open.highWatermark()) {
            return;
        }
        durable = Math.min(durable, last);
        appended = Math.min(appended, last);
        open.truncate(last);
        history.cut(last);
    }

    void closeCleanly() throws IOException {
        closing = true;
        opened().closeCleanly();
        durable = history.end();
        clean = true;
        store = null;
    }

    private Store opened() {
        if (store == null) {
            throw new IllegalStateException("the store is not open");
        }
        return store;
    }
}
