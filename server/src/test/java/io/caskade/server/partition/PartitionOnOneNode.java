package io.caskade.server.partition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.KeydirLimit;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.StoreOptions;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Timeouts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One partition with its threads on a disk of the test's, as often as the test likes: the disk, the
/// coordinator and the clock outlive it.
final class PartitionOnOneNode {

    private static final long CACHE_BYTES = 1 << 16;
    private static final Path DIRECTORY = Path.of("/partition");
    static final long TIMEOUT_SECONDS = 10;
    private static final long IN_FLIGHT_BYTES = 1 << 20;

    final FaultyDisk disk;
    final SolitaryCoordinator coordinator =
            new SolitaryCoordinator(PartitionState.withoutLeader(0, List.of("node-1"), 1));
    final AtomicLong nanos = new AtomicLong();
    final AtomicLong now = new AtomicLong(1_000_000);
    private final Durability durability;
    private final long segmentBytes;
    private final long reserveBytes;

    /// Whether merges run by themselves, as the partition is told; they run when a test runs them.
    boolean merges;

    private int starts;

    /// Of the copies that are opened from now on.
    KeydirLimit keydirLimit = KeydirLimit.none();

    /// Told of what the partitions that are opened from now on process.
    DriverListener listener = DriverListener.NONE;

    PartitionOnOneNode(long seed, Durability durability) {
        this(seed, durability, 1 << 20);
    }

    PartitionOnOneNode(long seed, Durability durability, long segmentBytes) {
        this(seed, durability, segmentBytes, 0);
    }

    /// @param reserveBytes what puts leave free of the disk
    PartitionOnOneNode(long seed, Durability durability, long segmentBytes, long reserveBytes) {
        this.disk = new FaultyDisk(seed);
        this.durability = durability;
        this.segmentBytes = segmentBytes;
        this.reserveBytes = reserveBytes;
    }

    /// A life of the partition, from its opening to its end.
    final class Life {
        private final EventLoops loops = EventLoops.start(1, error -> {
            throw error;
        });
        private final EventLoop loop = loops.loopOf(0);
        private final ExecutorService syncs = Executors.newCachedThreadPool();
        private final HostedPartition partition;

        private Life(String process) throws IOException {
            disk.createDirectories(DIRECTORY);
            CopyDirectory copies = new CopyDirectory(
                    disk,
                    DIRECTORY,
                    new StoreOptions(
                            new LogOptions(0, segmentBytes, durability),
                            new KeyHasher(new byte[KeyHasher.SECRET_BYTES]),
                            CACHE_BYTES,
                            "",
                            UUID::randomUUID,
                            System::nanoTime,
                            keydirLimit));
            partition = HostedPartition.open(
                    0,
                    copies,
                    new CopyConfig(
                            new NodeIncarnation("node-1", process),
                            durability,
                            Duration.ofMillis(10),
                            IN_FLIGHT_BYTES,
                            0.25,
                            segmentBytes,
                            merges,
                            new DiskReserve(disk, DIRECTORY, reserveBytes, nanos::get),
                            Timeouts.DEFAULT),
                    new Dependencies(
                            loop,
                            syncs,
                            Runnable::run,
                            coordinator,
                            (_, _, _) -> {},
                            () -> new ClockReading(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()), now.get()),
                            listener));
            partition.stateChanged(coordinator.state());
        }

        CompletableFuture<Void> ready() {
            return partition.ready().toCompletableFuture();
        }

        CommandExecutor commands() {
            return partition.commands();
        }

        HostedPartition partition() {
            return partition;
        }

        CompletableFuture<Command.Result> write(Command command) {
            return commands().write(command).toCompletableFuture().thenApply(answer -> answer.value());
        }

        CompletableFuture<Command.Result> put(String key, String value) {
            return write(PartitionOnOneNode.put(key, value));
        }

        @Nullable
        String get(String key) throws Exception {
            FoundRecord found = await(commands().beginGet(bytes(key)).finish().toCompletableFuture())
                    .value();
            return found == null ? null : new String(found.value(), UTF_8);
        }

        /// Reads what this copy has applied.
        CompletableFuture<Answer<@Nullable FoundRecord>> read(String key, ReplicaRead read) {
            return commands()
                    .beginGet(bytes(key), read)
                    .thenCompose(StartedGet::finish)
                    .toCompletableFuture();
        }

        /// Ends the threads without a word to the partition, as a crash would.
        void abandon() throws InterruptedException {
            loops.stopPartitions();
            loops.close();
            syncs.shutdown();
            syncs.awaitTermination(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }

        void stop() throws Exception {
            await(partition.stop().toCompletableFuture());
            abandon();
            partition.close();
        }
    }

    /// Opens the partition and waits until it serves.
    Life start() throws Exception {
        Life life = open();
        await(life.ready());
        return life;
    }

    /// Opens the partition.
    Life open() throws IOException {
        return new Life("process-" + ++starts);
    }

    static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static <T extends @Nullable Object> T await(CompletableFuture<T> future)
            throws ExecutionException, InterruptedException, TimeoutException {
        return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    static Command put(String key, String value) {
        return new Command.Put(bytes(key), bytes(value), new Expiry.Never(), new Condition.None());
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
