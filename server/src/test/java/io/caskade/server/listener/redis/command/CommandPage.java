package io.caskade.server.listener.redis.command;

import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.listener.ReadBudget;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// The table of commands as a page shows it.
public final class CommandPage {

    private CommandPage() {}

    /// Rows of a table in markdown.
    public static String render() {
        StringBuilder page = new StringBuilder("| command | since | what it does | differences |\n|---|---|---|---|\n");
        table().all().values().forEach(command -> {
            if (command.subcommands().isEmpty() || command.name().equals("command")) {
                append(page, command, command.differences());
            }
            command.subcommands()
                    .forEach(subcommand -> append(
                            page,
                            subcommand,
                            subcommand.differences().isEmpty() ? command.differences() : subcommand.differences()));
        });
        return page.toString();
    }

    /// @param differences of its container, if it has none of its own
    private static void append(StringBuilder page, RedisCommand command, String differences) {
        page.append("| `")
                .append(command.title())
                .append("` | ")
                .append(command.since())
                .append(" | ")
                .append(command.summary())
                .append(" | ")
                .append(differences)
                .append(" |\n");
    }

    /// A table whose store answers nothing.
    public static CommandTable table() {
        return CommandTable.of(new CommandTable.Dependencies(
                new NoCommands(),
                new ReadBudget(1 << 20),
                Runnable::run,
                new Clients(System::nanoTime),
                new ServerStats(),
                new SlowLog(),
                new ServerIdentity("node-1", "incarnation", "test", Optional::empty),
                () -> 6379,
                1 << 20,
                1 << 21,
                10,
                false,
                1_000_000_000L,
                System::nanoTime));
    }

    private static final class NoCommands implements CommandHandler {
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
}
