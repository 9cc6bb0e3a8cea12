package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import java.util.concurrent.CompletionStage;

/// A store that answers nothing.
public class NoCommands implements CommandHandler {
    @Override
    public int partitions() {
        return 1;
    }

    @Override
    public int partitionOf(byte[] key) {
        return 0;
    }

    @Override
    public StartedGet beginGet(byte[] key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Answer<Command.Result>> write(Command command) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Answer<Long>> count(int partition) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long maxPageBytes() {
        return 1 << 20;
    }
}
