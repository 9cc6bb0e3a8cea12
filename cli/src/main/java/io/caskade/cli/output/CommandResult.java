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

    /// What was found of several keys, in their order.
    record Values(List<Bytes> keys, List<Optional<Entry>> found) implements CommandResult {
        /// Copies the lists.
        public Values {
            keys = List.copyOf(keys);
            found = List.copyOf(found);
        }
    }

    /// So many keys were written.
    record WrittenAll(int keys) implements CommandResult {}

    /// How long a value is; 0 when there is no record.
    record Length(Bytes key, long bytes, boolean found) implements CommandResult {}

    /// Of what type a value is: there are strings only.
    record Type(Bytes key, boolean found) implements CommandResult {
        String name() {
            return found ? "string" : "none";
        }
    }

    /// How many of several keys exist.
    record Existing(int found, int keys) implements CommandResult {}

    /// It is so; nothing is to be said of it.
    record Accepted() implements CommandResult {}

    /// To be done with others.
    record Queued() implements CommandResult {}

    /// What was done together, in order.
    record Executed(List<CommandResult> results) implements CommandResult {
        /// Copies the list.
        public Executed {
            results = List.copyOf(results);
        }
    }

    /// One of several writes was refused by itself.
    record Refused(Bytes key, String code, String message) implements CommandResult {}

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
                    WrittenAll _,
                    Accepted _,
                    Queued _,
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
            case Refused _ -> ExitCode.REFUSED;
            case Executed(List<CommandResult> results) ->
                results.stream().mapToInt(CommandResult::exitCode).max().orElse(ExitCode.SUCCESS);
            case Values values ->
                values.found().stream().allMatch(Optional::isPresent) ? ExitCode.SUCCESS : ExitCode.NEGATIVE;
            case Length(Bytes _, long _, boolean found) -> found ? ExitCode.SUCCESS : ExitCode.NEGATIVE;
            case Type(Bytes _, boolean found) -> found ? ExitCode.SUCCESS : ExitCode.NEGATIVE;
            case Existing(int found, int keys) -> found == keys ? ExitCode.SUCCESS : ExitCode.NEGATIVE;
            case Deleted(int found, int keys) -> found == keys ? ExitCode.SUCCESS : ExitCode.NEGATIVE;
            case Existence(Bytes _, boolean exists) -> exists ? ExitCode.SUCCESS : ExitCode.NEGATIVE;
        };
    }
}
