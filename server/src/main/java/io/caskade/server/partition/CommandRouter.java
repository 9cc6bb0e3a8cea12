package io.caskade.server.partition;

import io.caskade.api.KeySlots;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.Limits;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/// Routes each command to its partition, if this node keeps a copy of it. Thread-safe.
public final class CommandRouter implements CommandHandler, ReplicaManager.OpenListener {

    /// How much of a key an error shows.
    private static final int SHOWN_CHARACTERS = 64;

    private final int partitions;
    private final Limits limits;
    private final Map<Integer, CommandExecutor> hosted = new ConcurrentHashMap<>();

    /// Starts without partitions.
    ///
    /// @param partitions how many the cluster has
    public CommandRouter(int partitions, Limits limits) {
        this.partitions = partitions;
        this.limits = limits;
    }

    @Override
    public void opened(int partition, CommandExecutor commands) {
        hosted.put(partition, commands);
    }

    @Override
    public void closed(int partition) {
        hosted.remove(partition);
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public int partitionOf(byte[] key) {
        return KeySlots.partitionOf(key, partitions);
    }

    @Override
    public StartedGet beginGet(byte[] key) {
        limits.checkKey(key);
        return partition(partitionOf(key)).beginGet(key);
    }

    @Override
    public StartedGet beginGetInfo(byte[] key) {
        limits.checkKey(key);
        return partition(partitionOf(key)).beginGetInfo(key);
    }

    @Override
    public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read) {
        limits.checkKey(key);
        return partition(partitionOf(key)).beginGet(key, read);
    }

    @Override
    public CompletionStage<Answer<Command.Result>> write(Command command) {
        limits.check(command);
        return partition(partitionOf(command.key())).write(command);
    }

    @Override
    public CompletionStage<Answer<Command.Result>> writeInOrder(Command command) {
        limits.check(command);
        return partition(partitionOf(command.key())).writeInOrder(command);
    }

    @Override
    public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch) {
        limits.check(batch);
        return partition(partitionOf(batch)).write(batch, limits.maxBatchBytes());
    }

    /// The partition of all keys of a batch.
    private int partitionOf(WriteBatch batch) {
        byte[] first = batch.keys().findFirst().orElseThrow();
        int partition = partitionOf(first);
        batch.keys().forEach(key -> requireSame(partition, first, key));
        return partition;
    }

    private void requireSame(int partition, byte[] first, byte[] key) {
        int other = partitionOf(key);
        if (other != partition) {
            throw new CommandRefusedException(
                    Reason.INVALID_ARGUMENT,
                    "a batch writes keys of one partition: " + shown(first) + " is in partition " + partition + " and "
                            + shown(key) + " in partition " + other
                            + "; keys with the same {hash tag} are in the same one");
        }
    }

    private static String shown(byte[] key) {
        String text = new String(key, StandardCharsets.UTF_8);
        return "\"" + (text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...") + "\"";
    }

    @Override
    public CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix) {
        requireKnown(partition);
        return partition(partition).scan(position, limits.page(limit), prefix);
    }

    @Override
    public CompletionStage<Answer<Long>> count(int partition) {
        requireKnown(partition);
        return partition(partition).count();
    }

    private void requireKnown(int partition) {
        if (partition < 0 || partition >= partitions) {
            throw new CommandRefusedException(
                    Reason.INVALID_ARGUMENT,
                    "partition " + partition + "; the cluster has partitions 0 to " + (partitions - 1));
        }
    }

    @Override
    public long maxPageBytes() {
        return Math.max(CommandExecutor.PAGE_BYTES, limits.maxRecordBytes());
    }

    private CommandExecutor partition(int partition) {
        CommandExecutor commands = hosted.get(partition);
        if (commands == null) {
            throw new CommandRefusedException(
                    Reason.NOT_LEADER, "partition " + partition + ": this node keeps no copy of it");
        }
        return commands;
    }
}
