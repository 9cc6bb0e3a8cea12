package io.caskade.server.listener.redis.command;

import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Page;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.ReadHold;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Lists and counts keys, partition by partition. What may wait for the disk runs on other threads.
final class ScanCommands {

    private static final String GROUP = "generic";
    private static final int DEFAULT_COUNT = 10;

    /// The most records that are examined at a time.
    static final int MAX_COUNT = 10_000;

    /// A SCAN goes on to the next partitions for so long while it has found too little.
    private static final long SCAN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /// What a key takes in a reply besides its bytes, about.
    private static final int OVERHEAD_BYTES = 32;

    private final CommandHandler handler;
    private final ServerIdentity identity;
    private final ReadBudget reads;
    private final Executor threads;
    private final long limitNanos;
    private final LongSupplier nanoTime;

    /// @param identity knows which partitions are this node's
    /// @param threads for what may block
    /// @param limitNanos how long a listing may take
    /// @param nanoTime the monotonic clock
    ScanCommands(
            CommandHandler handler,
            ServerIdentity identity,
            ReadBudget reads,
            Executor threads,
            long limitNanos,
            LongSupplier nanoTime) {
        this.handler = handler;
        this.identity = identity;
        this.reads = reads;
        this.threads = threads;
        this.limitNanos = limitNanos;
        this.nanoTime = nanoTime;
    }

    private record Query(ScanCursor cursor, Glob pattern, int count, boolean strings) {}

    /// Whether a client asks for the keys of a partition: a client in cluster mode asks each node for its own.
    private IntPredicate scope(Client client) {
        if (!client.isInClusterMode()) {
            return _ -> true;
        }
        SlotMap slotMap = SlotMap.of(identity);
        return partition -> slotMap.ownerOf(partition).filter(slotMap::isSelf).isPresent();
    }

    List<RedisCommand> commands() {
        return List.of(
                RedisCommand.of("scan", -2, GROUP, "2.8.0", "O(1) per call", "Lists keys, some per call.", this::scan)
                        .with(Flag.READONLY),
                RedisCommand.of("keys", 2, GROUP, "1.0.0", "O(N)", "Lists all keys that match a pattern.", this::keys)
                        .with(Flag.READONLY)
                        .but("Refused when the keys do not fit into `limits.reads`."),
                RedisCommand.of("randomkey", 1, GROUP, "1.0.0", "O(1)", "Returns some key.", this::randomKey)
                        .with(Flag.READONLY),
                RedisCommand.of("dbsize", 1, "server", "1.0.0", "O(1)", "Counts the keys.", this::dbSize)
                        .with(Flag.READONLY, Flag.FAST)
                        .but("Counts keys that have expired until they are removed."));
    }

    private CompletionStage<Reply> scan(Call call) {
        Query query = query(call);
        return CompletableFuture.supplyAsync(() -> scan(call, query), threads);
    }

    private Query query(Call call) {
        ScanCursor cursor = ScanCursor.decode(call.argument(1), handler.partitions());
        Glob pattern = Glob.ANY;
        long count = DEFAULT_COUNT;
        boolean strings = true;
        for (int i = 2; i < call.size(); i += 2) {
            if (i + 1 >= call.size()) {
                throw RedisError.syntax();
            }
            if (call.is(i, "MATCH")) {
                pattern = new Glob(call.argument(i + 1), false);
            } else if (call.is(i, "COUNT")) {
                count = call.integer(i + 1);
                if (count < 1) {
                    throw RedisError.syntax();
                }
            } else if (call.is(i, "TYPE")) {
                strings = call.is(i + 1, "string");
            } else {
                throw RedisError.syntax();
            }
        }
        return new Query(cursor, pattern, (int) Math.min(count, MAX_COUNT), strings);
    }

    private Reply scan(Call call, Query query) {
        int partitions = handler.partitions();
        long deadline = nanoTime.getAsLong() + SCAN_NANOS;
        byte[] prefix = query.pattern().prefix();
        List<byte[]> keys = new ArrayList<>();
        IntPredicate scope = scope(call.client());
        ScanCursor at = inScope(query.cursor(), scope, partitions);
        boolean goesOn = at.partition() < partitions;
        while (goesOn) {
            long bucket = ScanCursor.bucket(at.position(), partitions);
            long next = page(at.partition(), at.position(), query.count(), prefix, found -> {
                if (query.strings() && query.pattern().matches(found.key())) {
                    keep(call, keys, found.key());
                }
            });
            // The rest of a bucket cannot be told apart by a cursor: it belongs to the same reply.
            boolean sameBucket = next != 0 && ScanCursor.bucket(next, partitions) == bucket;
            at = next == 0
                    ? inScope(new ScanCursor(at.partition() + 1, 0), scope, partitions)
                    : new ScanCursor(at.partition(), next);
            goesOn = at.partition() < partitions
                    && (sameBucket
                            || (next == 0 && keys.size() < query.count() && nanoTime.getAsLong() - deadline < 0));
        }
        long cursor = at.partition() >= partitions ? 0 : ScanCursor.encode(at, partitions);
        return out -> {
            out.array(2);
            out.bulk(Long.toString(cursor));
            writeKeys(keys).write(out);
        };
    }

    /// The same place, or the start of the next partition that is in scope.
    private static ScanCursor inScope(ScanCursor at, IntPredicate scope, int partitions) {
        ScanCursor next = at;
        while (next.partition() < partitions && !scope.test(next.partition())) {
            next = new ScanCursor(next.partition() + 1, 0);
        }
        return next;
    }

    /// Adds a key to a reply.
    static void keep(Call call, List<byte[]> keys, byte[] key) {
        call.hold().take(key.length + (long) OVERHEAD_BYTES);
        keys.add(key);
    }

    /// A reply of keys.
    static Reply writeKeys(List<byte[]> keys) {
        return out -> {
            out.array(keys.size());
            keys.forEach(out::bulk);
        };
    }

    /// Looks at one page of a partition. Blocks.
    ///
    /// @return where the next page starts; 0 when this was the last
    long page(int partition, long position, int count, byte[] prefix, Consumer<FoundRecord> each) {
        ReadHold page = new ReadHold(reads);
        try {
            page.take(handler.maxPageBytes());
            Answer<Page> answer = handler.scan(partition, position, count, prefix)
                    .toCompletableFuture()
                    .orTimeout(limitNanos, TimeUnit.NANOSECONDS)
                    .join();
            answer.value().records().forEach(each);
            return answer.value().next();
        } finally {
            page.end();
        }
    }

    private CompletionStage<Reply> keys(Call call) {
        Glob pattern = new Glob(call.argument(1), false);
        return CompletableFuture.supplyAsync(() -> keys(call, pattern), threads);
    }

    private Reply keys(Call call, Glob pattern) {
        long deadline = nanoTime.getAsLong() + limitNanos;
        byte[] prefix = pattern.prefix();
        List<byte[]> keys = new ArrayList<>();
        for (int partition : partitions(call.client())) {
            long next = 0;
            do {
                if (nanoTime.getAsLong() - deadline > 0) {
                    throw new CommandRefusedException(Reason.BUSY, "there are too many keys to list at once; use SCAN");
                }
                next = page(partition, next, MAX_COUNT, prefix, found -> {
                    if (pattern.matches(found.key())) {
                        keep(call, keys, found.key());
                    }
                });
            } while (next != 0);
        }
        return writeKeys(keys);
    }

    private int[] partitions(Client client) {
        return IntStream.range(0, handler.partitions()).filter(scope(client)).toArray();
    }

    private CompletionStage<Reply> randomKey(Call call) {
        return CompletableFuture.supplyAsync(() -> Reply.bulk(randomKey(partitions(call.client()))), threads);
    }

    /// The first key from a random position on, as far as need be.
    private byte @Nullable [] randomKey(int[] partitions) {
        if (partitions.length == 0) {
            return null;
        }
        int first = ThreadLocalRandom.current().nextInt(partitions.length);
        for (int i = 0; i <= partitions.length; i++) {
            long position = i == 0 ? ThreadLocalRandom.current().nextLong() : 0;
            byte[] key = firstKey(partitions[(first + i) % partitions.length], position);
            if (key != null) {
                return key;
            }
        }
        return null;
    }

    private byte @Nullable [] firstKey(int partition, long position) {
        List<byte[]> keys = new ArrayList<>();
        long next = position;
        do {
            next = page(partition, next, DEFAULT_COUNT, new byte[0], found -> keys.add(found.key()));
        } while (keys.isEmpty() && next != 0);
        return keys.isEmpty() ? null : keys.getFirst();
    }

    private CompletionStage<Reply> dbSize(Call call) {
        return count(call.client()).thenApply(Reply::integer);
    }

    /// How many keys there are, for a client.
    CompletionStage<Long> count(Client client) {
        List<CompletableFuture<Answer<Long>>> counts = IntStream.of(partitions(client))
                .mapToObj(partition -> handler.count(partition).toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(counts.toArray(CompletableFuture[]::new))
                .thenApply(_ ->
                        counts.stream().mapToLong(count -> count.join().value()).sum());
    }
}
