package io.caskade.cli.output;

import io.caskade.cli.command.CommandSpec;
import io.caskade.client.Bytes;
import io.caskade.client.ClusterSetting;
import io.caskade.client.ClusterStatus;
import io.caskade.client.Counter;
import io.caskade.client.DrainProgress;
import io.caskade.client.Entry;
import io.caskade.client.ScanPage;
import io.caskade.client.TimeToLive;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// The result of a command.
public sealed interface CommandResult {

    /// A write was applied.
    record Done(Bytes key, long version) implements CommandResult {}

    /// There is no such record.
    record NotFound(Bytes key) implements CommandResult {}

    /// The command's condition does not hold.
    record ConditionNotMet(Bytes key, Optional<Entry> current) implements CommandResult {}

    record Value(Entry entry) implements CommandResult {}

    /// How many of several keys existed.
    record Deleted(int found, int keys) implements CommandResult {}

    record Existence(Bytes key, boolean exists) implements CommandResult {}

    record Count(Bytes key, Counter counter) implements CommandResult {}

    /// How long a record has to live; `unit` is what it is printed in: seconds or milliseconds.
    record Remaining(Bytes key, TimeToLive timeToLive, ChronoUnit unit) implements CommandResult {}

    /// Records, read page by page while they are printed; the last page tells whether there are more.
    record Listing(Iterator<ScanPage> pages, boolean keysOnly) implements CommandResult {}

    record Cluster(ClusterStatus status) implements CommandResult {}

    /// A partition is led by the node.
    record LeaderMoved(int partition, String node) implements CommandResult {}

    /// A node is drained as far as possible, or no longer drained.
    record Drained(String node, DrainProgress progress, boolean undone) implements CommandResult {}

    /// The settings that all nodes share.
    record Settings(List<ClusterSetting> settings) implements CommandResult {}

    /// What would move.
    record Planned(List<PlannedMove> moves) implements CommandResult {}

    /// All of it has moved.
    ///
    /// @param removed the node that keeps nothing any more, where that was the goal
    record Moved(List<PlannedMove> moves, Optional<String> removed) implements CommandResult {}

    /// It did not complete in time; it continues in the background.
    record Unfinished(String message) implements CommandResult {}

    record Help(Optional<CommandSpec> about) implements CommandResult {}

    /// The user exits the shell.
    record Quit() implements CommandResult {}

    /// The exit code when this was the only command: 0 for success, 1 for a negative result.
    default int exitCode() {
        return switch (this) {
            case Done _,
                    Value _,
                    Count _,
                    Remaining _,
                    Listing _,
                    Cluster _,
                    LeaderMoved _,
                    Drained _,
                    Settings _,
                    Planned _,
                    Moved _,
                    Help _,
                    Quit _ -> ExitCode.SUCCESS;
            case Unfinished _ -> ExitCode.OUTCOME_UNKNOWN;
            case NotFound _, ConditionNotMet _ -> ExitCode.NEGATIVE;
            case Deleted(int found, int keys) -> found == keys ? ExitCode.SUCCESS : ExitCode.NEGATIVE;
            case Existence(Bytes _, boolean exists) -> exists ? ExitCode.SUCCESS : ExitCode.NEGATIVE;
        };
    }
}
