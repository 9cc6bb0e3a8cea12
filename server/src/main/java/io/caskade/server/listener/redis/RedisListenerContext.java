package io.caskade.server.listener.redis;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.redis.command.Clients;
import io.caskade.server.listener.redis.command.CommandTable;
import io.caskade.server.listener.redis.command.ServerStats;
import io.caskade.server.listener.redis.command.SlowLog;
import java.util.function.LongSupplier;

/// What all connections of a [RedisListener] share. Thread-safe.
///
/// @param parsing bounds the bytes of commands that have not arrived completely or are queued by transactions
/// @param reads bounds the values that are being read or not yet sent
/// @param maxBulkBytes the longest argument
/// @param limitNanos the time after which a command without a reply is answered as timed out
/// @param nanoTime the monotonic clock
record RedisListenerContext(
        CommandTable table,
        Clients clients,
        ServerStats stats,
        SlowLog slowLog,
        ByteBudget parsing,
        ReadBudget reads,
        ForeignProtocols foreign,
        int maxBulkBytes,
        long limitNanos,
        LongSupplier nanoTime) {}
