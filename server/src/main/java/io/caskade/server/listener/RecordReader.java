package io.caskade.server.listener;

import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.ReplicaRead;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads records, whose bytes are held. Thread-safe.
public final class RecordReader {

    private final CommandHandler handler;
    private final Executor threads;

    /// @param threads for what may block
    public RecordReader(CommandHandler handler, Executor threads) {
        this.handler = handler;
        this.threads = threads;
    }

    /// Reads a record, or null. Never blocks: what memory can answer is answered by the calling thread.
    ///
    /// @param demand what the replica that answers must have applied; null for a linearizable read
    public CompletionStage<Answer<@Nullable FoundRecord>> read(
            byte[] key, @Nullable ReplicaRead demand, ReadHold hold) {
        if (demand != null) {
            return handler.beginGet(key, demand).thenCompose(started -> finishKnown(started, hold));
        }
        return finish(handler.beginGet(key), hold);
    }

    /// Finishes a read. Never blocks.
    public CompletionStage<Answer<@Nullable FoundRecord>> finish(StartedGet started, ReadHold hold) {
        return started instanceof StartedGet.Forwarded(var begun)
                ? begun.thenCompose(known -> finishKnown(known, hold))
                : finishKnown(started, hold);
    }

    private CompletionStage<Answer<@Nullable FoundRecord>> finishKnown(StartedGet started, ReadHold hold) {
        if (!(started instanceof StartedGet.NeedsDisk) && hold.tryTake(started.bytes())) {
            return started.finish();
        }
        return CompletableFuture.supplyAsync(
                        () -> {
                            hold.take(started.bytes());
                            return started.finish();
                        },
                        threads)
                .thenCompose(Function.identity());
    }
}
