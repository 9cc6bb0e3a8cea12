package io.caskade.server.listener.redis.command;

import io.caskade.server.cluster.SessionState;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.listener.ReadBudget;
import java.util.Optional;

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
        return table(new ByteBudget(1 << 20));
    }

    /// A table whose store answers nothing.
    ///
    /// @param queueing bounds the bytes of queued commands
    public static CommandTable table(ByteBudget queueing) {
        return table(queueing, new Clients(System::nanoTime), new NoCommands());
    }

    /// A table with a store.
    ///
    /// @param queueing bounds the bytes of queued commands
    public static CommandTable table(ByteBudget queueing, Clients clients, CommandHandler store) {
        return CommandTable.of(new CommandTable.Dependencies(
                store,
                new ReadBudget(1 << 20),
                queueing,
                Runnable::run,
                clients,
                new ServerStats(),
                new SlowLog(),
                new ServerIdentity(
                        "node-1",
                        "incarnation",
                        "test",
                        Optional::empty,
                        new Membership(() -> SessionState.CONNECTED, _ -> true),
                        true),
                () -> 6379,
                1 << 20,
                1 << 21,
                10,
                false,
                1_000_000_000L,
                System::nanoTime));
    }
}
