package io.caskade.server.simulator;

import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.store.Store;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Message;
import io.caskade.server.replica.Timeouts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A machine: its disk and clocks, which outlive the processes it runs, one at a time.
final class SimulatedNode {

    static final Path DIRECTORY = Path.of("/copies");

    private static final int MAX_SYNC_MILLIS = 6;
    private static final long ROOM_BYTES = 1L << 40;
    private static final long START_RETRY_MILLIS = 500;

    private final Simulation simulation;
    private final String name;
    private final NodeClock clock;
    private final CoordinatorLink link;
    private final SimulatedCoordinator.Machine machine = new SimulatedCoordinator.Machine();

    /// What is on the disk, by partition.
    private final SortedMap<Integer, KnownCopy> known = new TreeMap<>();

    private FaultyDisk disk;
    private Timeouts timeouts;
    private @Nullable SimulatedProcess process;
    private int processes;
    private boolean diskFull;
    private long slowUntil;
    private long slowness;

    SimulatedNode(Simulation simulation, String name, NodeClock clock) {
        this.simulation = simulation;
        this.name = name;
        this.clock = clock;
        this.link =
                new CoordinatorLink(simulation.random(), simulation.options().coordinatorDelayMillis());
        this.disk = newDisk();
        this.timeouts = simulation.options().timeouts();
    }

    private FaultyDisk newDisk() {
        FaultyDisk fresh = new FaultyDisk(simulation.random().nextLong());
        fresh.setFreeBytes(ROOM_BYTES);
        return fresh;
    }

    String name() {
        return name;
    }

    NodeClock clock() {
        return clock;
    }

    CoordinatorLink link() {
        return link;
    }

    SimulatedCoordinator.Machine machine() {
        return machine;
    }

    /// What its next process is started with.
    Timeouts timeouts() {
        return timeouts;
    }

    void setTimeouts(Timeouts next) {
        timeouts = next;
    }

    FaultyDisk disk() {
        return disk;
    }

    static Path directory(int partition) {
        return DIRECTORY.resolve("p" + partition);
    }

    @Nullable
    SimulatedProcess process() {
        return process;
    }

    /// What is on its disk of a partition, as far as is known.
    @Nullable
    KnownCopy known(int partition) {
        return known.get(partition);
    }

    Collection<KnownCopy> knownCopies() {
        return known.values();
    }

    Collection<Integer> knownPartitions() {
        return known.keySet();
    }

    /// Keeps in mind what an open copy holds.
    void remember(int partition, Store store) {
        KnownCopy before = known.get(partition);
        boolean damaged = before != null
                && before.damaged()
                && before.id().equals(store.id().toString());
        known.put(partition, KnownCopy.of(store, damaged));
    }

    /// A copy is about to be deleted.
    void forget(int partition) {
        known.remove(partition);
    }

    /// Whether its disk has anything of a partition's copy.
    boolean hasFilesOf(int partition) {
        return disk.contents().keySet().stream()
                .anyMatch(file -> file.startsWith(directory(partition))
                        || file.startsWith(DIRECTORY.resolve("p" + partition + ".removed")));
    }

    /// A copy whose sealed segments were all read, and found whole, has no flipped bits any more, if it ever
    /// had.
    void scrubbed(int partition, Runnable scrub, SimulatedPartition by) {
        long before = by.hosted().scrubReport().damagedSegments();
        long rounds = by.hosted().scrubReport().rounds();
        KnownCopy scrubbed = known.get(partition);
        scrub.run();
        KnownCopy now = known.get(partition);
        boolean whole = by.hosted().scrubReport().rounds() > rounds
                && by.hosted().scrubReport().damagedSegments() == before;
        if (whole && scrubbed != null && now != null && scrubbed.id().equals(now.id())) {
            known.put(partition, now.asIntact());
        }
    }

    /// A process that cannot start is started again, as an operator does it.
    void start() {
        try {
            process = new SimulatedProcess(simulation, this, name + "-" + ++processes);
            process.start();
        } catch (IOException e) {
            simulation.coverage().reached("start failed");
            simulation.world().after(START_RETRY_MILLIS, () -> {
                if (process == null) {
                    start();
                }
            });
        }
    }

    void kill() {
        SimulatedProcess ending = process;
        process = null;
        if (ending != null) {
            disk.kill();
            ending.kill();
        }
    }

    void losePower() {
        kill();
        disk.powerFailure(new Random(simulation.random().nextLong()));
    }

    /// The disk is exchanged for an empty one.
    void loseDisk() {
        kill();
        disk = newDisk();
        known.clear();
    }

    /// Flips bits of each copy that has a sealed segment, where no write can be taken for torn.
    ///
    /// @return whether there was one
    boolean flipBits(RandomGenerator random) {
        kill();
        boolean flipped = false;
        for (int partition : List.copyOf(known.keySet())) {
            List<Path> segments = disk.contents().keySet().stream()
                    .filter(file -> directory(partition).equals(file.getParent())
                            && file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
            if (segments.size() > 1) {
                damage(segments.get(random.nextInt(segments.size() - 1)), random);
                known.computeIfPresent(partition, (_, copy) -> copy.asDamaged());
                flipped = true;
            }
        }
        return flipped;
    }

    private void damage(Path segment, RandomGenerator random) {
        try {
            disk.damage(segment, random);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(e);
        }
    }

    void receive(NodeIncarnation sender, int partition, Message message) {
        if (process != null) {
            process.receive(sender, partition, message);
        }
    }

    boolean isDiskFull() {
        return diskFull;
    }

    void setDiskFull(boolean full) {
        diskFull = full;
        disk.setFreeBytes(full ? 0 : ROOM_BYTES);
    }

    /// Has syncs take longer for a while.
    void slowDown(long millis, long until) {
        slowness = millis;
        slowUntil = until;
    }

    long syncMillis() {
        long usual = 1L + simulation.random().nextInt(MAX_SYNC_MILLIS);
        return simulation.world().now() < slowUntil ? usual + slowness : usual;
    }

    void failNextSync() {
        disk.fail(FaultyDisk.Kind.SYNC, 1);
    }

    void failNextWrite() {
        disk.fail(FaultyDisk.Kind.WRITE, 1);
    }
}
