package io.caskade.server.listener.redis.command;

import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.ReadHold;
import io.caskade.server.listener.redis.command.CommonSubsequence.Match;
import io.caskade.server.listener.redis.resp.RespWriter;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// `LCS`: the longest common subsequence of two values. It takes time and memory, off the connections' threads.
final class LcsCommand {

    private static final byte[] NO_BYTES = {};

    private final Records records;
    private final ReadBudget reads;
    private final Executor threads;
    private final long maxTableBytes;

    private record Options(boolean length, boolean indexes, long minMatch, boolean matchLengths) {}

    /// @param threads for what takes long
    /// @param maxTableBytes how much memory one call may take besides the values
    LcsCommand(Records records, ReadBudget reads, Executor threads, long maxTableBytes) {
        this.records = records;
        this.reads = reads;
        this.threads = threads;
        this.maxTableBytes = maxTableBytes;
    }

    List<RedisCommand> commands() {
        return List.of(RedisCommand.of(
                        "lcs",
                        -3,
                        "string",
                        "7.0.0",
                        "O(N*M)",
                        "Finds the longest common subsequence of two values.",
                        this::lcs)
                .with(Flag.READONLY)
                .with(new KeySpec(1, 2, 1))
                .but("Not atomic: each key is read by itself."));
    }

    private CompletionStage<Reply> lcs(Call call) {
        Options options = options(call);
        byte[][] keys = {call.argument(1), call.argument(2)};
        return Records.<@Nullable FoundRecord>all(keys, key -> records.read(call, key))
                .thenApplyAsync(found -> compare(value(found.getFirst()), value(found.getLast()), options), threads);
    }

    private static byte[] value(@Nullable FoundRecord found) {
        return found == null ? NO_BYTES : found.value();
    }

    private static Options options(Call call) {
        boolean length = false;
        boolean indexes = false;
        boolean matchLengths = false;
        long minMatch = 0;
        for (int i = 3; i < call.size(); i++) {
            if (call.is(i, "IDX")) {
                indexes = true;
            } else if (call.is(i, "LEN")) {
                length = true;
            } else if (call.is(i, "WITHMATCHLEN")) {
                matchLengths = true;
            } else if (call.is(i, "MINMATCHLEN") && i + 1 < call.size()) {
                i++;
                minMatch = call.integer(i);
            } else {
                throw RedisError.syntax();
            }
        }
        if (length && indexes) {
            throw new RedisError("ERR If you want both the length and indexes, please just use IDX.");
        }
        return new Options(length, indexes, minMatch, matchLengths);
    }

    private Reply compare(byte[] first, byte[] second, Options options) {
        long bytes = CommonSubsequence.tableBytes(first.length, second.length);
        if (bytes > maxTableBytes) {
            throw new RedisError("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
        }
        ReadHold table = new ReadHold(reads);
        try {
            table.take(bytes);
            return reply(CommonSubsequence.of(first, second), options);
        } finally {
            table.end();
        }
    }

    private static Reply reply(CommonSubsequence found, Options options) {
        int length = found.bytes().length;
        if (options.length()) {
            return Reply.integer(length);
        }
        if (!options.indexes()) {
            return Reply.bulk(found.bytes());
        }
        List<Match> matches = found.matches().stream()
                .filter(match -> match.length() >= options.minMatch())
                .toList();
        return out -> {
            out.map(2);
            out.bulk("matches");
            out.array(matches.size());
            matches.forEach(match -> write(out, match, options.matchLengths()));
            out.bulk("len");
            out.integer(length);
        };
    }

    private static void write(RespWriter out, Match match, boolean withLength) {
        out.array(withLength ? 3 : 2);
        out.array(2);
        out.integer(match.firstStart());
        out.integer(match.firstEnd());
        out.array(2);
        out.integer(match.secondStart());
        out.integer(match.secondEnd());
        if (withLength) {
            out.integer(match.length());
        }
    }
}
