package io.caskade.server.listener.redis.command;

import io.caskade.api.KeySlots;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Counts and lists the keys of a slot, which are spread over its partition: looks at the whole partition, page
/// by page, for as long as a command may take. What may wait for the disk runs on other threads.
final class SlotKeys {

    private final ScanCommands scans;
    private final int partitions;
    private final Executor threads;
    private final long limitNanos;
    private final LongSupplier nanoTime;

    /// @param scans looks at pages
    /// @param partitions how many the cluster has
    /// @param threads for what may block
    /// @param limitNanos how long a command may take
    /// @param nanoTime the monotonic clock
    SlotKeys(ScanCommands scans, int partitions, Executor threads, long limitNanos, LongSupplier nanoTime) {
        this.scans = scans;
        this.partitions = partitions;
        this.threads = threads;
        this.limitNanos = limitNanos;
        this.nanoTime = nanoTime;
    }

    /// `CLUSTER COUNTKEYSINSLOT`.
    CompletionStage<Reply> count(Call call) {
        int slot = slot(call.integer(2));
        if (slot < 0) {
            throw new RedisError("ERR Invalid slot");
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    AtomicLong count = new AtomicLong();
                    lookThrough(slot, _ -> count.incrementAndGet(), () -> false);
                    return Reply.integer(count.get());
                },
                threads);
    }

    /// `CLUSTER GETKEYSINSLOT`.
    CompletionStage<Reply> list(Call call) {
        int slot = slot(call.integer(2));
        long most = call.integer(3);
        if (slot < 0 || most < 0) {
            throw new RedisError("ERR Invalid slot or number of keys");
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    List<byte[]> keys = new ArrayList<>();
                    lookThrough(
                            slot,
                            key -> {
                                if (keys.size() < most) {
                                    ScanCommands.keep(call, keys, key);
                                }
                            },
                            () -> keys.size() >= most);
                    return ScanCommands.writeKeys(keys);
                },
                threads);
    }

    /// -1 for what is none.
    private static int slot(long argument) {
        return argument >= 0 && argument < KeySlots.COUNT ? (int) argument : -1;
    }

    private void lookThrough(int slot, Consumer<byte[]> each, BooleanSupplier enough) {
        int partition = KeySlots.partitionOf(slot, partitions);
        long deadline = nanoTime.getAsLong() + limitNanos;
        long position = 0;
        do {
            if (nanoTime.getAsLong() - deadline > 0) {
                throw new CommandRefusedException(
                        Reason.BUSY, "partition " + partition + " has too many keys to look at all of them in time");
            }
            position = scans.page(partition, position, ScanCommands.MAX_COUNT, new byte[0], found -> {
                if (KeySlots.slotOf(found.key()) == slot) {
                    each.accept(found.key());
                }
            });
        } while (position != 0 && !enough.getAsBoolean());
    }
}
