package io.caskade.cli;

import io.caskade.cli.output.CommandResult;
import io.caskade.client.Bytes;
import io.caskade.client.CompareAndSetResult;
import io.caskade.client.Entry;
import io.caskade.client.WriteResult;
import java.util.Optional;

/// Turns what the client says of a write into the result of a command. Pure.
final class WriteResults {

    private WriteResults() {}

    /// Of a value that was written, perhaps on a condition.
    static CommandResult ofPut(Bytes key, WriteResult result) {
        return result.applied()
                ? new CommandResult.Done(key, result.version())
                : new CommandResult.ConditionNotMet(key, Optional.empty());
    }

    /// Of a record that was changed or removed, if there was one.
    static CommandResult ofChange(Bytes key, WriteResult result) {
        return result.applied() || result.found()
                ? new CommandResult.Done(key, result.version())
                : new CommandResult.NotFound(key);
    }

    /// Of a compare-and-set.
    static CommandResult ofCompareAndSet(Bytes key, CompareAndSetResult result) {
        return switch (result) {
            case CompareAndSetResult.Applied(long version, var _) -> new CommandResult.Done(key, version);
            case CompareAndSetResult.Differs(Optional<Entry> current, var _)
            when current.isEmpty() -> new CommandResult.NotFound(key);
            case CompareAndSetResult.Differs(Optional<Entry> current, var _) ->
                new CommandResult.ConditionNotMet(key, current);
        };
    }
}
