package io.caskade.cli.command;

import io.caskade.client.Bytes;
import io.caskade.client.Expiry;
import io.caskade.client.MoveGoal;
import io.caskade.client.PutOptions;
import io.caskade.client.ScanCursor;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A parsed command.
public sealed interface ShellCommand {

    record Set(Bytes key, Bytes value, PutOptions options) implements ShellCommand {}

    /// The shell's own level when there is none; so it is for all reads.
    record Get(Bytes key, Optional<ReadLevel> level) implements ShellCommand {}

    record Delete(List<Bytes> keys) implements ShellCommand {}

    record Exists(Bytes key, Optional<ReadLevel> level) implements ShellCommand {}

    record Expire(Bytes key, Expiry expiry) implements ShellCommand {}

    record Persist(Bytes key) implements ShellCommand {}

    /// `unit` is what the answer is printed in: seconds or milliseconds.
    record TimeToLive(Bytes key, ChronoUnit unit, Optional<ReadLevel> level) implements ShellCommand {}

    record Increment(Bytes key, long delta) implements ShellCommand {}

    record CompareAndSet(Bytes key, Bytes expected, Bytes value, Expiry expiry) implements ShellCommand {}

    /// All records when there is no count.
    record Scan(Bytes prefix, OptionalInt count, ScanCursor from, boolean keysOnly) implements ShellCommand {}

    record Cluster() implements ShellCommand {}

    record MoveLeader(int partition, String node) implements ShellCommand {}

    /// `undo` lets the node lead and keep copies again.
    record Drain(String node, boolean undo) implements ShellCommand {}

    /// Moves copies; `dryRun` shows only the plan.
    record Move(MoveGoal goal, boolean dryRun) implements ShellCommand {}

    record Settings() implements ShellCommand {}

    record ChangeSetting(String name, String value) implements ShellCommand {}

    record Help(Optional<CommandSpec> about) implements ShellCommand {}

    record Quit() implements ShellCommand {}

    /// Whether it waits for what the cluster does without the shell.
    default boolean waits() {
        return switch (this) {
            case MoveLeader _, Drain _, Move _ -> true;
            default -> false;
        };
    }
}
