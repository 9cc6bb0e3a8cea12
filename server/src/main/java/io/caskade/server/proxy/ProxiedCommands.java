package io.caskade.server.proxy;

import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.proxy.ForwardedCall.Question;
import io.caskade.server.proxy.ForwardingPlan.Kind;
import io.caskade.server.proxy.PeerCommands.Attempt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The commands of clients, for any key: this node answers what it leads, and asks others for the rest.
/// Thread-safe.
final class ProxiedCommands implements CommandHandler {

    /// About what a call to another node takes besides keys and values.
    private static final int OVERHEAD_BYTES = 2048;

    private final CommandProxy proxy;
    private final CommandHandler local;
    private final boolean forwarded;
    private final LongSupplier timeLeft;

    /// @param forwarded whether they must not be passed on
    /// @param timeLeft how long the caller of the calling thread waits, in milliseconds
    ProxiedCommands(CommandProxy proxy, CommandHandler local, boolean forwarded, LongSupplier timeLeft) {
        this.proxy = proxy;
        this.local = local;
        this.forwarded = forwarded;
        this.timeLeft = timeLeft;
    }

    /// How a request is put to this node, and to another.
    private interface Local<T> extends Supplier<CompletionStage<T>> {}

    private interface Remote<T> {
        Attempt<T> at(NodeInfo node, long timeoutMillis);
    }

    private record Asked<T>(Local<T> local, Remote<T> remote) implements Question<T> {
        @Override
        public CompletionStage<T> here() {
            return local.get();
        }

        @Override
        public Attempt<T> at(NodeInfo node, long timeoutMillis) {
            return remote.at(node, timeoutMillis);
        }
    }

    @Override
    public int partitions() {
        return local.partitions();
    }

    @Override
    public int partitionOf(byte[] key) {
        return local.partitionOf(key);
    }

    @Override
    public long maxPageBytes() {
        return local.maxPageBytes();
    }

    @Override
    public StartedGet beginGet(byte[] key) {
        return begin(key, false, local::beginGet);
    }

    @Override
    public StartedGet beginGetInfo(byte[] key) {
        return begin(key, true, local::beginGetInfo);
    }

    private StartedGet begin(byte[] key, boolean withoutValue, Function<byte[], StartedGet> get) {
        if (forwarded) {
            return get.apply(key);
        }
        long deadline = deadline();
        if (!proxy.isForThisNode(partitionOf(key))) {
            return new StartedGet.Forwarded(start(key, withoutValue, get, deadline));
        }
        StartedGet started;
        try {
            started = get.apply(key);
        } catch (CommandRefusedException e) {
            if (!e.reason().mayRetryElsewhere()) {
                throw e;
            }
            return new StartedGet.Forwarded(start(key, withoutValue, get, deadline));
        }
        return switch (started) {
            case StartedGet.NeedsDisk(long bytes, var read) ->
                new StartedGet.NeedsDisk(
                        bytes,
                        () -> hereOrElsewhere(
                                read,
                                () -> start(key, withoutValue, get, deadline).thenCompose(StartedGet::finish)));
            case StartedGet.Answered answered when answered.isKnown() -> answered;
            case StartedGet.Answered _, StartedGet.AtPeer _, StartedGet.Forwarded _ ->
                new StartedGet.Forwarded(
                        hereOrElsewhere(() -> known(started), () -> start(key, withoutValue, get, deadline)));
        };
    }

    private CompletionStage<StartedGet> start(
            byte[] key, boolean withoutValue, Function<byte[], StartedGet> get, long deadline) {
        return start(
                Kind.LEADER_READ,
                partitionOf(key),
                key.length,
                deadline,
                () -> known(get.apply(key)),
                (node, timeout) -> proxy.peers().get(node, key, null, withoutValue, timeout));
    }

    /// An answer that waits for the lease may still be refused.
    private static CompletionStage<StartedGet> known(StartedGet started) {
        return started instanceof StartedGet.Answered(long bytes, var finish)
                ? finish.thenApply(answer -> new StartedGet.Answered(bytes, CompletableFuture.completedStage(answer)))
                : started.begun();
    }

    @Override
    public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read) {
        return start(
                Kind.REPLICA_READ,
                partitionOf(key),
                key.length,
                deadline(),
                () -> local.beginGet(key, read),
                (node, timeout) -> proxy.peers().get(node, key, read, false, timeout));
    }

    @Override
    public CompletionStage<Answer<Command.Result>> write(Command command) {
        return ask(
                Kind.WRITE,
                partitionOf(command.key()),
                command.bytes(),
                () -> local.write(command),
                (node, timeout) -> proxy.peers().write(node, command, timeout));
    }

    /// What is passed on may overtake what was passed on before.
    @Override
    public CompletionStage<Answer<Command.Result>> writeInOrder(Command command) {
        int partition = partitionOf(command.key());
        if (!forwarded && !proxy.isForThisNode(partition)) {
            throw new CommandRefusedException(
                    CommandRefusedException.Reason.NOT_LEADER,
                    "partition " + partition + ": this node does not lead it; nothing was done");
        }
        return local.writeInOrder(command);
    }

    @Override
    public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch) {
        return ask(
                Kind.WRITE,
                partitionOf(batch),
                batch.bytes(),
                () -> local.write(batch),
                (node, timeout) -> proxy.peers().write(node, batch, timeout));
    }

    /// The partition of all keys; -1 when there is not one, which is for this node to refuse.
    private int partitionOf(WriteBatch batch) {
        int[] partitions =
                batch.keys().mapToInt(this::partitionOf).distinct().limit(2).toArray();
        return partitions.length == 1 ? partitions[0] : -1;
    }

    @Override
    public CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix) {
        return ask(
                Kind.LEADER_READ,
                partition,
                prefix.length,
                () -> CompletableFuture.supplyAsync(
                                () -> local.scan(partition, position, limit, prefix), proxy.workers())
                        .thenCompose(Function.identity()),
                (node, timeout) -> proxy.peers().scan(node, partition, position, limit, prefix, timeout));
    }

    @Override
    public CompletionStage<Answer<Long>> count(int partition) {
        return ask(
                Kind.LEADER_READ,
                partition,
                0,
                () -> local.count(partition),
                (node, timeout) -> proxy.peers().count(node, partition, timeout));
    }

    /// This node refuses partitions that do not exist.
    private <T> CompletionStage<T> ask(Kind kind, int partition, long bytes, Local<T> here, Remote<T> remote) {
        if (forwarded || partition < 0 || partition >= partitions()) {
            return here.get();
        }
        long deadline = deadline();
        Supplier<CompletionStage<T>> elsewhere = () -> start(kind, partition, bytes, deadline, here, remote);
        return proxy.isForThisNode(partition) ? hereOrElsewhere(here, elsewhere) : elsewhere.get();
    }

    private <T> CompletionStage<T> start(
            Kind kind, int partition, long bytes, long deadline, Local<T> here, Remote<T> remote) {
        return proxy.start(kind, partition, forwarded, OVERHEAD_BYTES + bytes, deadline, new Asked<>(here, remote));
    }

    /// Asks this node, and goes on if it certainly did nothing because it does not lead.
    private static <T extends @Nullable Object> CompletionStage<T> hereOrElsewhere(
            Supplier<CompletionStage<T>> here, Supplier<CompletionStage<T>> elsewhere) {
        CompletionStage<T> stage;
        try {
            stage = here.get();
        } catch (CommandRefusedException e) {
            if (!e.reason().mayRetryElsewhere()) {
                throw e;
            }
            return elsewhere.get();
        }
        return stage.toCompletableFuture().state() == Future.State.SUCCESS
                ? stage
                : stage.exceptionallyCompose(failure -> CommandRefusedException.mayRetryElsewhere(failure)
                        ? elsewhere.get()
                        : CompletableFuture.failedStage(failure));
    }

    private long deadline() {
        return proxy.now() + timeLeft.getAsLong();
    }
}
