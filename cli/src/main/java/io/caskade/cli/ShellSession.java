package io.caskade.cli;

import io.caskade.cli.command.CommandSpec;
import io.caskade.cli.command.ShellCommand;
import io.caskade.cli.command.UsageException;
import io.caskade.cli.output.CommandResult;
import io.caskade.cli.output.ProgressOutput;
import io.caskade.client.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The commands of a script or of a user, one after another: runs them, and queues writes from `multi` to
/// `exec`. For one thread.
final class ShellSession {

    private final CommandRunner runner;
    private @Nullable Transaction transaction;

    ShellSession(CommandRunner runner) {
        this.runner = runner;
    }

    /// Runs or queues a command; throws [io.caskade.client.CaskadeException] when it fails.
    ///
    /// @param words at least one
    /// @param progress receives human-readable progress of a slow command
    /// @throws UsageException when it is no command, or does not fit where it stands
    CommandResult run(List<Bytes> words, ProgressOutput progress) throws UsageException {
        ShellCommand command = CommandSpec.parse(words);
        return switch (command) {
            case ShellCommand.Begin _ -> begin();
            case ShellCommand.Execute _ -> end("exec").execute(runner.client());
            case ShellCommand.Discard _ -> {
                end("discard");
                yield new CommandResult.Accepted();
            }
            case ShellCommand.Help _, ShellCommand.Quit _ -> runner.run(command, progress);
            default -> queueOrRun(command, progress);
        };
    }

    private CommandResult begin() throws UsageException {
        if (transaction != null) {
            throw new UsageException("multi cannot be nested; exec or discard ends the one before");
        }
        transaction = new Transaction();
        return new CommandResult.Accepted();
    }

    private Transaction end(String word) throws UsageException {
        Transaction ended = transaction;
        if (ended == null) {
            throw new UsageException(word + " without multi");
        }
        transaction = null;
        return ended;
    }

    private CommandResult queueOrRun(ShellCommand command, ProgressOutput progress) throws UsageException {
        Transaction open = transaction;
        if (open == null) {
            return runner.run(command, progress);
        }
        open.add(command);
        return new CommandResult.Queued();
    }

    /// A line was refused: if it was to be queued, nothing of the transaction will be done.
    void refuse() {
        if (transaction != null) {
            transaction.abort();
        }
    }

    /// Whether writes are queued at the moment.
    boolean isQueueing() {
        return transaction != null;
    }

    /// How many writes are queued at the moment.
    int queued() {
        return transaction == null ? 0 : transaction.size();
    }
}
