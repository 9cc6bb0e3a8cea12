package io.caskade.server.proxy;

import io.caskade.server.cluster.ClusterImage;
import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.loop.EventLoop;
import io.caskade.server.proxy.ForwardedCall.Question;
import io.caskade.server.proxy.ForwardingPlan.Kind;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Answers commands for any key: this node's own, and by proxying those that another node leads. Thread-safe.
///
/// The bytes of requests that wait or that other nodes have not answered are bounded for each partition, as
/// those are that this node answers as a leader.
public final class CommandProxy implements Coordinator.Observer {

    /// What it works with.
    ///
    /// @param self this node
    /// @param local answers what this node can
    /// @param peers asks the others
    /// @param loopOf the event loop of a partition
    /// @param workers for what may block
    /// @param clock the monotonic clock, in milliseconds
    /// @param random spreads pauses
    /// @param maxBytes the bytes of a partition's requests that are not answered, the setting
    ///     `limits.in-flight`
    /// @param shared the node's bound on all of them
    public record Dependencies(
            NodeIncarnation self,
            CommandHandler local,
            PeerCommands peers,
            IntFunction<EventLoop> loopOf,
            Executor workers,
            LongSupplier clock,
            RandomGenerator random,
            long maxBytes,
            ByteBudget shared) {}

    private final Dependencies dependencies;
    private final LongAdder forwarded = new LongAdder();
    private final ConcurrentHashMap<Integer, ByteBudget> budgets = new ConcurrentHashMap<>();
    private final AtomicLong started = new AtomicLong();

    /// The calls that have not ended, by their numbers: the oldest is woken first.
    private final Map<Long, ForwardedCall<?>> calls = new ConcurrentSkipListMap<>();

    private volatile @Nullable ClusterImage newest;
    private volatile boolean stopping;

    /// Starts without an image; it must be subscribed to the coordinator.
    public CommandProxy(Dependencies dependencies) {
        this.dependencies = dependencies;
    }

    /// The commands of clients, for any key.
    ///
    /// @param timeLeft how long the caller of the calling thread waits, in milliseconds
    public CommandHandler commands(LongSupplier timeLeft) {
        return new ProxiedCommands(this, dependencies.local(), false, timeLeft);
    }

    /// The commands that must not be passed on: of other nodes, and of clients that find leaders themselves.
    public CommandHandler ownCommands() {
        return new ProxiedCommands(this, dependencies.local(), true, () -> 0);
    }

    @Override
    public void imageChanged(ClusterImage image) {
        newest = image;
        calls.values().forEach(ForwardedCall::wake);
    }

    /// Refuses what waits for a leader, from now on: the node shuts down. What other nodes were asked goes on.
    public void stop() {
        stopping = true;
        calls.values().forEach(ForwardedCall::wake);
    }

    boolean isStopping() {
        return stopping;
    }

    @Nullable
    ClusterImage image() {
        return newest;
    }

    /// How often another node was asked.
    public long forwarded() {
        return forwarded.sum();
    }

    void countForwarded() {
        forwarded.increment();
    }

    /// Whether a client's request for a partition is for this node.
    boolean isForThisNode(int partition) {
        return ForwardingPlan.isForThisNode(dependencies.self(), partition, false, newest);
    }

    long now() {
        return dependencies.clock().getAsLong();
    }

    PeerCommands peers() {
        return dependencies.peers();
    }

    Executor workers() {
        return dependencies.workers();
    }

    /// Begins a request that another node may answer.
    ///
    /// @param isForwarded whether another node passed it on
    /// @param bytes about how many bytes it takes in memory
    <T> CompletionStage<T> start(
            Kind kind, int partition, boolean isForwarded, long bytes, long deadline, Question<T> question) {
        ByteBudget budget =
                budgets.computeIfAbsent(partition, _ -> new ByteBudget(dependencies.maxBytes(), dependencies.shared()));
        ByteBudget.Hold hold = budget.tryHold(bytes);
        if (hold == null) {
            throw new CommandRefusedException(
                    Reason.BUSY,
                    "partition " + partition
                            + ": more bytes are on their way to its leader than limits.in-flight, or the heap,"
                            + " allows; try again later");
        }
        ForwardingPlan plan =
                new ForwardingPlan(dependencies.self(), kind, partition, isForwarded, deadline, dependencies.random());
        ForwardedCall<T> call = new ForwardedCall<>(
                plan, question, this, dependencies.loopOf().apply(partition), dependencies.clock(), hold);
        long number = started.incrementAndGet();
        calls.put(number, call);
        return call.start(() -> calls.remove(number));
    }
}
