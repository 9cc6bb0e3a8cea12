package io.caskade.server.proxy;

import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.Page;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Asks other nodes, each once, and forbids them to pass a request on. Thread-safe; nothing blocks.
public interface PeerCommands {

    /// A request to another node.
    ///
    /// @param answer fails with that node's [io.caskade.server.command.CommandRefusedException], or with an
    ///     [UnansweredException]; ends on any thread, at the latest when the time is over
    /// @param cancel waits no longer: the answer fails, unless it has come
    record Attempt<T>(CompletionStage<T> answer, Runnable cancel) {}

    /// Gets a key's record, or null.
    ///
    /// @param read what any replica may answer; null for a linearizable read
    /// @param withoutValue whether the value is not needed; it comes all the same from a node that cannot leave
    ///     it out
    Attempt<StartedGet> get(
            NodeInfo node, byte[] key, @Nullable ReplicaRead read, boolean withoutValue, long timeoutMillis);

    /// Executes a write.
    Attempt<Answer<Command.Result>> write(NodeInfo node, Command command, long timeoutMillis);

    /// Executes a batch.
    Attempt<Answer<WriteBatch.Result>> write(NodeInfo node, WriteBatch batch, long timeoutMillis);

    /// Lists records, as [io.caskade.server.command.CommandHandler#scan].
    Attempt<Answer<Page>> scan(
            NodeInfo node, int partition, long position, int limit, byte[] prefix, long timeoutMillis);

    /// Counts records.
    Attempt<Answer<Long>> count(NodeInfo node, int partition, long timeoutMillis);
}
