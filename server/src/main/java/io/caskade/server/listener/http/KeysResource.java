package io.caskade.server.listener.http;

import io.caskade.api.CausalContext;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Page;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.ReadHold;
import io.caskade.server.metrics.RequestKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The records of all partitions, at `/v1/kv`, one page after the other. Thread-safe.
final class KeysResource {

    private static final Pattern LIMIT = Pattern.compile("\\d{1,5}");
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 10_000;

    /// A page with a prefix examines so many records at a time at least: few may match.
    private static final int EXAMINED = 1_000;

    /// A page ends when it has so many bytes.
    private static final long PAGE_BYTES = 1 << 20;

    /// A page ends after this time, with the records that were found by then, maybe none.
    private static final long PAGE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /// How long one partition may take to answer.
    private static final long SCAN_TIMEOUT_SECONDS = 15;

    private final CommandHandler handler;
    private final ReadBudget reads;
    private final AnswerHeaders answers;
    private final Executor threads;
    private final LongSupplier nanoTime;

    /// @param threads for what may block
    KeysResource(
            CommandHandler handler, ReadBudget reads, AnswerHeaders answers, Executor threads, LongSupplier nanoTime) {
        this.handler = handler;
        this.reads = reads;
        this.answers = answers;
        this.threads = threads;
        this.nanoTime = nanoTime;
    }

    private record Query(byte[] prefix, int limit, Cursor start, boolean keysOnly) {}

    /// A page that is being gathered. For one thread.
    private static final class Gathered {
        private final List<ListedRecord> records = new ArrayList<>();
        private final SortedSet<String> servedBy = new TreeSet<>();
        private CausalContext seen;
        private long bytes;

        Gathered(CausalContext seen) {
            this.seen = seen;
        }

        void add(ListedRecord listed) {
            records.add(listed);
            bytes += listed.bytes();
        }
    }

    /// The operation of a request.
    ///
    /// @throws HttpFailure when there is no such method, or a parameter is malformed
    Operation operation(Request request) {
        if (!request.method().equals(Request.GET) && !request.method().equals(Request.HEAD)) {
            throw HttpFailure.methodNotAllowed(request.method(), "GET, HEAD");
        }
        Query query = query(request.target());
        CausalContext seen = AnswerHeaders.seen(request.headers());
        return Operation.withoutBody(
                RequestKind.SCAN,
                (_, hold) -> CompletableFuture.supplyAsync(() -> respond(query, seen, hold), threads));
    }

    private Query query(RequestTarget target) {
        target.requireOnly(Set.of("prefix", "limit", "cursor", "keys-only"));
        byte[] prefix = target.parameters().getOrDefault("prefix", new byte[0]);
        String cursor = target.parameter("cursor");
        return new Query(
                prefix,
                limit(target.parameter("limit")),
                cursor == null ? Cursor.START : Cursor.parse(cursor, handler.partitions()),
                isKeysOnly(target.parameter("keys-only")));
    }

    private static int limit(@Nullable String text) {
        int limit = text == null ? DEFAULT_LIMIT : LIMIT.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (limit < 1 || limit > MAX_LIMIT) {
            throw HttpFailure.invalid("the parameter limit is a whole number from 1 to " + MAX_LIMIT);
        }
        return limit;
    }

    private static boolean isKeysOnly(@Nullable String text) {
        return switch (text) {
            case null -> false;
            case "", "true" -> true;
            case "false" -> false;
            default -> throw HttpFailure.invalid("the parameter keys-only is true or false");
        };
    }

    private Response respond(Query query, CausalContext seen, ReadHold hold) {
        Gathered gathered = new Gathered(seen);
        long deadline = nanoTime.getAsLong() + PAGE_NANOS;
        Cursor next = query.start();
        do {
            next = gather(query, next, gathered, hold);
        } while (next != null
                && gathered.records.size() < query.limit()
                && gathered.bytes < PAGE_BYTES
                && nanoTime.getAsLong() - deadline < 0);
        Response response = Response.json(Json.page(gathered.records, next == null ? null : next.text()));
        hold.settle(response.bytes());
        return answers.mark(response, String.join(", ", gathered.servedBy), gathered.seen)
                .with("cache-control", "no-cache");
    }

    /// Adds what one look into a partition finds.
    ///
    /// @return where to go on; null at the end of the last partition
    private @Nullable Cursor gather(Query query, Cursor from, Gathered gathered, ReadHold hold) {
        ReadHold scanned = new ReadHold(reads);
        try {
            Answer<Page> answer = scan(query, from, query.limit() - gathered.records.size(), scanned);
            gathered.servedBy.add(answers.servedBy(answer));
            gathered.seen = AnswerHeaders.seen(gathered.seen, answer.position());
            Page page = answer.value();
            for (FoundRecord found : page.records()) {
                gathered.add(query.keysOnly() ? ListedRecord.withoutValue(found) : ListedRecord.of(found));
            }
            hold.settle(gathered.bytes);
            if (page.next() != 0) {
                return new Cursor(from.partition(), page.next());
            }
            return from.partition() + 1 < handler.partitions() ? new Cursor(from.partition() + 1, 0) : null;
        } finally {
            scanned.end();
        }
    }

    /// Looks at more records than may be listed when few may match, and again at fewer when too many do.
    private Answer<Page> scan(Query query, Cursor from, int room, ReadHold scanned) {
        scanned.take(handler.maxPageBytes());
        int examined = query.prefix().length == 0 ? room : Math.max(room, EXAMINED);
        Answer<Page> page = scan(query, from, examined);
        return page.value().records().size() > room ? scan(query, from, room) : page;
    }

    private Answer<Page> scan(Query query, Cursor from, int examined) {
        return handler.scan(from.partition(), from.position(), examined, query.prefix())
                .toCompletableFuture()
                .orTimeout(SCAN_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
