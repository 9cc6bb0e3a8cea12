package io.caskade.cli.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.cli.command.GlobPattern;
import io.caskade.cli.redis.RedisClientConnection;
import io.caskade.cli.redis.RedisException;
import io.caskade.cli.redis.RedisReply;
import io.caskade.cli.redis.RedisServer;
import io.caskade.client.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A Redis as an end of a migration. Asks for the moment at which a key expires, and where a server before
/// Redis 7.0 does not know it, for what is left and for the server's time.
final class RedisStore implements MigrationStore, AutoCloseable {

    private static final String START = "0";
    private static final Pattern RUN_ID = Pattern.compile("(?m)^run_id:(\\S+)");
    private static final Pattern CLUSTER = Pattern.compile("(?m)^redis_mode:cluster");

    /// What passes between the server's time and what is left.
    private static final long PIPELINE_MILLIS = 1000;

    private static final int NO_KEY = -2;
    private static final int NO_EXPIRY = -1;
    private static final int MICROS_PER_MILLI = 1000;
    private static final int MILLIS_PER_SECOND = 1000;

    private final RedisClientConnection connection;
    private final String runId;
    private final boolean knowsMoments;
    private final long keys;

    private RedisStore(RedisClientConnection connection) {
        this.connection = connection;
        String info = connection.ask("INFO").text();
        if (CLUSTER.matcher(info).find()) {
            throw new RedisException("Redis at " + connection.server()
                    + " is in cluster mode, which this command does not know: it would see one node's keys");
        }
        Matcher found = RUN_ID.matcher(info);
        this.runId = found.find() ? found.group(1) : "";
        this.knowsMoments = connection.ask("PEXPIRETIME", bytes("caskade:import")) instanceof RedisReply.IntegerReply;
        this.keys = connection.ask("DBSIZE").number();
    }

    static RedisStore open(RedisServer server) {
        RedisClientConnection connection = RedisClientConnection.open(server);
        try {
            return new RedisStore(connection);
        } catch (RedisException e) {
            connection.close();
            throw e;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Override
    public String name() {
        return "Redis at " + connection.server();
    }

    /// Another start of the server orders keys differently.
    @Override
    public String cursorsOf() {
        return runId;
    }

    @Override
    public String start() {
        return START;
    }

    @Override
    public Optional<String> scan(String cursor, GlobPattern match, BatchSize size, BatchConsumer consumer)
            throws IOException, InterruptedException {
        List<byte[]> arguments = new ArrayList<>(List.of(bytes(cursor)));
        if (!match.equals(GlobPattern.ALL)) {
            arguments.addAll(List.of(bytes("MATCH"), match.bytes().toArray()));
        }
        arguments.addAll(List.of(bytes("COUNT"), bytes(Integer.toString(size.keys()))));
        List<RedisReply> reply =
                connection.ask("SCAN", arguments.toArray(byte[][]::new)).several();
        // A page may name a key twice, while the server grows or shrinks its table.
        List<Bytes> found = new ArrayList<>(new LinkedHashSet<>(
                reply.get(1).several().stream().map(RedisReply::bytes).toList()));
        for (int from = 0; from < found.size(); from += size.keys()) {
            hand(found.subList(from, Math.min(found.size(), from + size.keys())), size, consumer);
        }
        String next = reply.getFirst().text();
        return next.equals(START) ? Optional.empty() : Optional.of(next);
    }

    /// Reads how long values are before it reads them, so that a batch takes little memory.
    private void hand(List<Bytes> found, BatchSize size, BatchConsumer consumer)
            throws IOException, InterruptedException {
        found.forEach(key -> connection.send("STRLEN", key.toArray()));
        List<Bytes> strings = new ArrayList<>();
        List<Long> lengths = new ArrayList<>();
        List<Bytes> others = new ArrayList<>();
        for (Bytes key : found) {
            RedisReply reply = connection.receive();
            if (isWrongType(reply)) {
                others.add(key);
            } else {
                strings.add(key);
                lengths.add(reply.number());
            }
        }
        if (!others.isEmpty()) {
            consumer.accept(new KeyBatch(List.of(), typesOf(others), 0));
        }
        int from = 0;
        while (from < strings.size()) {
            int to = from + 1;
            long total = lengths.get(from);
            while (to < strings.size() && total + lengths.get(to) <= size.bytes()) {
                total += lengths.get(to++);
            }
            consumer.accept(batch(strings.subList(from, to)));
            from = to;
        }
    }

    private static boolean isWrongType(RedisReply reply) {
        return reply instanceof RedisReply.Failed failed && failed.is("WRONGTYPE");
    }

    private List<SkippedKey> typesOf(List<Bytes> others) {
        others.forEach(key -> connection.send("TYPE", key.toArray()));
        return others.stream()
                .map(key -> new SkippedKey(key, connection.receive().text(), ""))
                .toList();
    }

    private KeyBatch batch(List<Bytes> strings) {
        List<StringRecord> records =
                read(strings).stream().flatMap(Optional::stream).toList();
        return new KeyBatch(records, List.of(), strings.size() - records.size());
    }

    @Override
    public double fractionListed(String cursor, long listed, GlobPattern match) {
        return match.equals(GlobPattern.ALL) ? (double) listed / Math.max(1, keys) : Double.NaN;
    }

    @Override
    public List<SkippedKey> write(List<StringRecord> records) {
        for (StringRecord record : records) {
            byte[] key = record.key().toArray();
            byte[] value = record.value().toArray();
            if (record.expiresAt() == StringRecord.NEVER) {
                connection.send("SET", key, value);
            } else {
                connection.send("SET", key, value, bytes("PXAT"), bytes(Long.toString(record.expiresAt())));
            }
        }
        List<SkippedKey> refused = new ArrayList<>();
        Optional<String> failure = Optional.empty();
        for (StringRecord record : records) {
            if (connection.receive() instanceof RedisReply.Failed failed) {
                if (isOfRecord(failed)) {
                    refused.add(new SkippedKey(record.key(), SkippedKey.REFUSED, failed.message()));
                } else {
                    failure = Optional.of(failed.message());
                }
            }
        }
        if (failure.isPresent()) {
            throw new RedisException(name() + " refused: " + failure.get()
                    + (failure.get().contains("syntax error") ? "; it must be Redis 6.2 or newer" : ""));
        }
        return refused;
    }

    /// Whether other records may be taken although this one is refused.
    private static boolean isOfRecord(RedisReply.Failed failed) {
        return failed.is("ERR")
                && !failed.message().contains("syntax error")
                && !failed.message().contains("unknown command")
                && !failed.message().contains("outcome unknown");
    }

    @Override
    public List<Optional<StringRecord>> read(List<Bytes> wanted) {
        if (!knowsMoments) {
            connection.send("TIME");
        }
        for (Bytes key : wanted) {
            connection.send("GET", key.toArray());
            connection.send(knowsMoments ? "PEXPIRETIME" : "PTTL", key.toArray());
        }
        long base = knowsMoments ? 0 : millis(connection.receive().several());
        List<Optional<StringRecord>> records = new ArrayList<>();
        for (Bytes key : wanted) {
            RedisReply value = connection.receive();
            long expiry = connection.receive().number();
            boolean absent = value instanceof RedisReply.Nothing || isWrongType(value) || expiry == NO_KEY;
            records.add(
                    absent
                            ? Optional.empty()
                            : Optional.of(new StringRecord(
                                    key, value.bytes(), expiry == NO_EXPIRY ? StringRecord.NEVER : base + expiry)));
        }
        return records;
    }

    private static long millis(List<RedisReply> time) {
        return time.getFirst().number() * MILLIS_PER_SECOND + time.get(1).number() / MICROS_PER_MILLI;
    }

    @Override
    public long expiryTolerance() {
        return knowsMoments ? 0 : PIPELINE_MILLIS;
    }

    @Override
    public void close() {
        connection.close();
    }
}
