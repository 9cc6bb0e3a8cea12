package io.caskade.server.command;

import io.caskade.server.command.Command.Condition;
import java.util.List;
import java.util.stream.Stream;

/// Writes of keys of one partition that take effect together, if all checks hold; otherwise nothing is written.
/// All of it survives a crash or a failover, or nothing. The arrays are shared and must not be changed.
///
/// The commands are executed in order, and each sees what those before it have written. One that fails, or
/// whose own condition does not hold, changes nothing for the others, as in Redis's EXEC.
///
/// @param checks what must be true before the first command
/// @param commands what is written; may be empty if there are checks
public record WriteBatch(List<Check> checks, List<Command> commands) {

    /// Makes the lists immutable.
    public WriteBatch {
        checks = List.copyOf(checks);
        commands = List.copyOf(commands);
    }

    /// What must be true of a key.
    public record Check(byte[] key, Condition condition) {}

    /// About how many bytes it holds in memory until it is answered.
    public long bytes() {
        long bytes = Command.OVERHEAD_BYTES;
        for (Check check : checks) {
            bytes += Command.OVERHEAD_BYTES + check.key().length;
        }
        for (Command command : commands) {
            bytes += command.bytes();
        }
        return bytes;
    }

    /// The keys that it checks or writes; some may come more than once.
    public Stream<byte[]> keys() {
        return Stream.concat(checks.stream().map(Check::key), commands.stream().map(Command::key));
    }

    /// The outcome of one command.
    public sealed interface Outcome {
        /// It was decided; what it wrote, if it was applied, is committed.
        record Done(Command.Result result) implements Outcome {}

        /// It changed nothing: the key's value is not what it needs, or would overflow.
        record Refused(CommandRefusedException.Reason reason, String message) implements Outcome {}
    }

    /// The result of a batch.
    ///
    /// @param failedCheck the index of the first check that did not hold; -1 when all held
    /// @param outcomes of the commands, in their order; empty when a check did not hold
    public record Result(int failedCheck, List<Outcome> outcomes) {

        /// Makes the list immutable.
        public Result {
            outcomes = List.copyOf(outcomes);
        }

        /// Whether all checks held.
        public boolean applied() {
            return failedCheck < 0;
        }
    }
}
