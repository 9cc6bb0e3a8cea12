package io.caskade.server.listener.redis.command;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// What tools ask a server: the time, its role, what takes memory.
final class ServerCommands {

    private static final String GROUP = "server";

    /// What a record takes in the keydir and on the disk besides key and value, about.
    private static final int RECORD_OVERHEAD_BYTES = 80;

    private static final BigDecimal MAX_SLEEP_SECONDS = BigDecimal.valueOf(5);
    private static final String WAVES = """
                 .
                / \\      .
            .  /   \\    / \\    .
           / \\/     \\  /   \\  / \\
          /          \\/     \\/   \\
        every drop is on more disks than one
        """;

    private final Records records;

    ServerCommands(Records records) {
        this.records = records;
    }

    List<RedisCommand> commands() {
        return List.of(
                of("time", 1, "2.6.0", "Returns the node's time.", _ -> time())
                        .with(Flag.LOADING, Flag.STALE, Flag.FAST),
                of("role", 1, "2.8.12", "Answers that this is a master.", _ -> role())
                        .with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE, Flag.FAST)
                        .but("Every node answers for every key; replicas do not show."),
                of("lolwut", -1, "5.0.0", "Shows a picture and the release.", ServerCommands::lolwut)
                        .with(Flag.READONLY, Flag.FAST),
                ContainerCommands.of(
                        "acl",
                        GROUP,
                        "6.0.0",
                        "About users.",
                        List.of(sub(
                                "acl|whoami",
                                2,
                                "6.0.0",
                                "Returns the name of the user.",
                                _ -> Reply.bulk("default")))),
                latency(),
                memory(),
                ContainerCommands.of(
                        "debug",
                        GROUP,
                        "1.0.0",
                        "For tests of clients.",
                        List.of(RedisCommand.of(
                                        "debug|sleep",
                                        3,
                                        GROUP,
                                        "1.0.0",
                                        "O(1)",
                                        "Lets this connection wait for some seconds.",
                                        this::sleep)
                                .with(Flag.ADMIN, Flag.NOSCRIPT, Flag.LOADING, Flag.STALE)
                                .but("For at most 5 seconds; other connections go on."))));
    }

    private static RedisCommand of(String name, int arity, String since, String summary, Function<Call, Reply> answer) {
        return RedisCommand.of(name, arity, GROUP, since, "O(1)", summary, Handler.now(answer));
    }

    private static RedisCommand sub(
            String name, int arity, String since, String summary, Function<Call, Reply> answer) {
        return of(name, arity, since, summary, answer).with(Flag.NOSCRIPT, Flag.LOADING, Flag.STALE);
    }

    private static RedisCommand latency() {
        return ContainerCommands.of(
                        "latency",
                        GROUP,
                        "2.8.13",
                        "About latencies.",
                        List.of(
                                sub(
                                        "latency|latest",
                                        2,
                                        "2.8.13",
                                        "Answers that there were no events.",
                                        _ -> Reply.EMPTY),
                                sub(
                                        "latency|history",
                                        3,
                                        "2.8.13",
                                        "Answers that there were no events.",
                                        _ -> Reply.EMPTY),
                                sub(
                                        "latency|graph",
                                        3,
                                        "2.8.13",
                                        "Refused: there were no events.",
                                        ServerCommands::graph),
                                sub(
                                        "latency|histogram",
                                        -2,
                                        "7.0.0",
                                        "Answers that nothing was recorded.",
                                        _ -> out -> out.map(0)),
                                sub("latency|reset", -2, "2.8.13", "Answers 0.", _ -> Reply.ZERO),
                                sub(
                                        "latency|doctor",
                                        2,
                                        "2.8.13",
                                        "Points to the metrics.",
                                        _ -> Reply.verbatim("Latencies are in /metrics on the HTTP port.\n"))))
                .but("Nothing is recorded; `/metrics` has the latencies.");
    }

    private RedisCommand memory() {
        return ContainerCommands.of(
                "memory",
                GROUP,
                "4.0.0",
                "About memory.",
                List.of(RedisCommand.of(
                                "memory|usage", -3, GROUP, "4.0.0", "O(1)", "Estimates what a key takes.", this::usage)
                        .with(Flag.READONLY)
                        .with(new KeySpec(2, 2, 1))
                        .but("Of a record on disk, with its entry in the index.")));
    }

    private CompletionStage<Reply> usage(Call call) {
        for (int i = 3; i < call.size(); i += 2) {
            if (!call.is(i, "SAMPLES") || i + 1 == call.size() || call.integer(i + 1) < 0) {
                throw RedisError.syntax();
            }
        }
        byte[] key = call.argument(2);
        return records.answerInfo(
                call,
                key,
                found -> found == null
                        ? Reply.NONE
                        : Reply.integer((long) RECORD_OVERHEAD_BYTES + key.length + found.valueBytes()));
    }

    private CompletionStage<Reply> sleep(Call call) {
        BigDecimal seconds = Decimals.parse(call.argument(2));
        if (seconds.signum() < 0 || seconds.compareTo(MAX_SLEEP_SECONDS) > 0) {
            throw new RedisError("ERR value is out of range, must be between 0 and " + MAX_SLEEP_SECONDS);
        }
        return new CompletableFuture<Reply>()
                .completeOnTimeout(Reply.OK, seconds.movePointRight(6).longValue(), TimeUnit.MICROSECONDS);
    }

    private static Reply time() {
        Instant now = Instant.now();
        long micros = TimeUnit.NANOSECONDS.toMicros(now.getNano());
        return Reply.texts(List.of(Long.toString(now.getEpochSecond()), Long.toString(micros)));
    }

    private static Reply role() {
        return Reply.array(List.of(Reply.bulk("master"), Reply.ZERO, Reply.EMPTY));
    }

    private static Reply graph(Call call) {
        throw new RedisError("ERR No samples available for event '" + Arguments.latin1(call.argument(2)) + "'");
    }

    /// The numbers of Redis's pictures are read and make no difference: of the fifth release there are three,
    /// of the sixth two.
    private static Reply lolwut(Call call) {
        if (call.size() > 2 && call.is(1, "VERSION")) {
            long version = call.integer(2);
            int numbers = version == 5 ? 3 : version == 6 ? 2 : 0;
            for (int i = 3; i < Math.min(call.size(), 3 + numbers); i++) {
                long _ = call.integer(i);
            }
        }
        return Reply.verbatim(WAVES + "\nRedis ver. " + ServerIdentity.REDIS_VERSION + "\n");
    }
}
