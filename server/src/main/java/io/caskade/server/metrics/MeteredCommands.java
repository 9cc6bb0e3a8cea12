package io.caskade.server.metrics;

import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Counts the commands of a protocol, and how long they take. For protocols whose requests are commands one by
/// one, however many share a message. Thread-safe.
public final class MeteredCommands implements CommandHandler {

    private final CommandHandler handler;
    private final RequestTimers timers;
    private final LongSupplier nanoTime;

    /// @param handler executes the commands
    /// @param nanoTime the monotonic clock
    public MeteredCommands(CommandHandler handler, RequestTimers timers, LongSupplier nanoTime) {
        this.handler = handler;
        this.timers = timers;
        this.nanoTime = nanoTime;
    }

    @Override
    public int partitions() {
        return handler.partitions();
    }

    @Override
    public int partitionOf(byte[] key) {
        return handler.partitionOf(key);
    }

    @Override
    public long maxPageBytes() {
        return handler.maxPageBytes();
    }

    /// A get that is begun and never finished, because its client is gone, is not counted.
    @Override
    public StartedGet beginGet(byte[] key) {
        return begin(() -> handler.beginGet(key));
    }

    @Override
    public StartedGet beginGetInfo(byte[] key) {
        return begin(() -> handler.beginGetInfo(key));
    }

    private StartedGet begin(Supplier<StartedGet> get) {
        long start = nanoTime.getAsLong();
        StartedGet started;
        try {
            started = get.get();
        } catch (RuntimeException e) {
            count(RequestKind.GET, start, e);
            throw e;
        }
        return counted(start, started);
    }

    @Override
    public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read) {
        long start = nanoTime.getAsLong();
        try {
            return counted(start, handler.beginGet(key, read));
        } catch (RuntimeException e) {
            count(RequestKind.GET, start, e);
            throw e;
        }
    }

    private CompletionStage<StartedGet> counted(long start, CompletionStage<StartedGet> begun) {
        return begun.whenComplete((_, failure) -> {
                    if (failure != null) {
                        count(RequestKind.GET, start, failure);
                    }
                })
                .thenApply(started -> counted(start, started));
    }

    private StartedGet counted(long start, StartedGet started) {
        return switch (started) {
            case StartedGet.Answered known
            when known.isKnown() -> {
                count(RequestKind.GET, start, null);
                yield known;
            }
            case StartedGet.Answered(long bytes, var finish) ->
                new StartedGet.Answered(bytes, counted(RequestKind.GET, start, () -> finish));
            case StartedGet.NeedsDisk(long bytes, var read) ->
                new StartedGet.NeedsDisk(bytes, () -> counted(RequestKind.GET, start, read));
            case StartedGet.Forwarded(var begun) -> new StartedGet.Forwarded(counted(start, begun));
            case StartedGet.AtPeer(long bytes, var fetch) ->
                new StartedGet.AtPeer(bytes, () -> counted(RequestKind.GET, start, fetch));
        };
    }

    @Override
    public CompletionStage<Answer<Command.Result>> write(Command command) {
        return counted(kind(command), nanoTime.getAsLong(), () -> handler.write(command));
    }

    /// What another node, or a later time, can execute is counted when it is asked for again.
    @Override
    public CompletionStage<Answer<Command.Result>> writeInOrder(Command command) {
        long start = nanoTime.getAsLong();
        try {
            return handler.writeInOrder(command).whenComplete((_, failure) -> countFinal(command, start, failure));
        } catch (RuntimeException e) {
            countFinal(command, start, e);
            throw e;
        }
    }

    private void countFinal(Command command, long start, @Nullable Throwable failure) {
        if (!CommandRefusedException.mayRetryElsewhere(failure)) {
            count(kind(command), start, failure);
        }
    }

    @Override
    public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch) {
        return counted(RequestKind.WRITE_BATCH, nanoTime.getAsLong(), () -> handler.write(batch));
    }

    @Override
    public CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix) {
        return counted(RequestKind.SCAN, nanoTime.getAsLong(), () -> handler.scan(partition, position, limit, prefix));
    }

    @Override
    public CompletionStage<Answer<Long>> count(int partition) {
        return counted(RequestKind.COUNT, nanoTime.getAsLong(), () -> handler.count(partition));
    }

    private static RequestKind kind(Command command) {
        return switch (command) {
            case Command.Put _ -> RequestKind.PUT;
            case Command.Delete _ -> RequestKind.DELETE;
            case Command.Expire _ -> RequestKind.EXPIRE;
            case Command.Persist _ -> RequestKind.PERSIST;
            case Command.Increment _ -> RequestKind.INCREMENT;
            case Command.CompareAndSet _ -> RequestKind.COMPARE_AND_SET;
        };
    }

    private <T> CompletionStage<T> counted(RequestKind kind, long start, Supplier<CompletionStage<T>> asked) {
        try {
            return asked.get().whenComplete((_, failure) -> count(kind, start, failure));
        } catch (RuntimeException e) {
            count(kind, start, e);
            throw e;
        }
    }

    private void count(RequestKind kind, long start, @Nullable Throwable failure) {
        timers.record(kind, outcome(failure), nanoTime.getAsLong() - start);
    }

    private static String outcome(@Nullable Throwable failure) {
        return switch (failure) {
            case null -> RequestTimers.OK;
            case CommandRefusedException refused -> refused.reason().name().toLowerCase(Locale.ROOT);
            case CompletionException wrapped when wrapped.getCause() != null -> outcome(wrapped.getCause());
            default -> RequestTimers.INTERNAL;
        };
    }
}
