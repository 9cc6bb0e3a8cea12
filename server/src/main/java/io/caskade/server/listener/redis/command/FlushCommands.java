package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// `FLUSHALL`: deletes all keys, page by page, where the setting `listeners.redis.flush` allows it. What waits
/// for the disk runs on other threads.
final class FlushCommands {

    private static final String GROUP = "server";
    private static final int PAGE_KEYS = 10_000;
    private static final byte[] NO_PREFIX = {};

    private final Records records;
    private final ScanCommands scans;
    private final Executor threads;
    private final boolean allowed;
    private final long limitNanos;
    private final LongSupplier nanoTime;

    /// @param threads for what may block
    /// @param allowed the setting `listeners.redis.flush`
    /// @param limitNanos how long it may take
    /// @param nanoTime the monotonic clock
    FlushCommands(
            Records records,
            ScanCommands scans,
            Executor threads,
            boolean allowed,
            long limitNanos,
            LongSupplier nanoTime) {
        this.records = records;
        this.scans = scans;
        this.threads = threads;
        this.allowed = allowed;
        this.limitNanos = limitNanos;
        this.nanoTime = nanoTime;
    }

    List<RedisCommand> commands() {
        return List.of(of("flushall"), of("flushdb"));
    }

    private RedisCommand of(String name) {
        return RedisCommand.of(name, -1, GROUP, "1.0.0", "O(N)", "Deletes all keys.", this::flush)
                .with(Flag.WRITE)
                .but("Only with `listeners.redis.flush`. Not atomic; with `ASYNC`, too, it is answered at the end.");
    }

    private CompletionStage<Reply> flush(Call call) {
        boolean isKnown = call.size() == 1 || (call.size() == 2 && (call.is(1, "SYNC") || call.is(1, "ASYNC")));
        if (!isKnown) {
            throw RedisError.syntax();
        }
        if (!allowed) {
            throw new RedisError("ERR " + call.command().title()
                    + " is turned off: it deletes the keys of the whole cluster. The setting listeners.redis.flush:"
                    + " true turns it on");
        }
        return CompletableFuture.supplyAsync(() -> deleteAll(call), threads);
    }

    private Reply deleteAll(Call call) {
        long deadline = nanoTime.getAsLong() + limitNanos;
        for (int partition = 0; partition < records.handler().partitions(); partition++) {
            long next = 0;
            do {
                List<byte[]> keys = new ArrayList<>();
                next = scans.page(partition, next, PAGE_KEYS, NO_PREFIX, found -> keys.add(found.key()));
                delete(call, keys, deadline - nanoTime.getAsLong());
            } while (next != 0);
        }
        return Reply.OK;
    }

    /// Blocks.
    private void delete(Call call, List<byte[]> keys, long leftNanos) {
        if (keys.isEmpty()) {
            return;
        }
        if (leftNanos <= 0) {
            throw new RedisError("TRYAGAIN there are too many keys to delete at once; many were deleted, go on by"
                    + " calling it again");
        }
        Records.all(
                        keys.toArray(byte[][]::new),
                        key -> records.write(call, new Command.Delete(key, new Condition.None())))
                .toCompletableFuture()
                .orTimeout(leftNanos, TimeUnit.NANOSECONDS)
                .join();
    }
}
