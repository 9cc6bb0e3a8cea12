package io.caskade.cli.command;

import io.caskade.client.Bytes;
import io.caskade.client.Expiry;
import io.caskade.client.MoveGoal;
import io.caskade.client.PutOptions;
import io.caskade.client.ScanCursor;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A parsed command.
public sealed interface ShellCommand {

    record Set(Bytes key, Bytes value, PutOptions options) implements ShellCommand {}

    /// The shell's own level when there is none; so it is for all reads.
    record Get(Bytes key, Optional<ReadLevel> level) implements ShellCommand {}

    /// Reads several keys.
    record GetAll(List<Bytes> keys, Optional<ReadLevel> level) implements ShellCommand {}

    /// Writes several keys, which are `entries`' keys in the order they were given.
    record SetAll(Map<Bytes, Bytes> entries) implements ShellCommand {
        /// Copies the map, in its order.
        public SetAll {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }
    }

    /// Reads a key and changes its expiry, if there is a change.
    record GetAndExpire(Bytes key, Optional<ExpiryChange> change) implements ShellCommand {}

    record Append(Bytes key, Bytes value) implements ShellCommand {}

    record Length(Bytes key, Optional<ReadLevel> level) implements ShellCommand {}

    record Type(Bytes key, Optional<ReadLevel> level) implements ShellCommand {}

    record Delete(List<Bytes> keys) implements ShellCommand {}

    record Exists(List<Bytes> keys, Optional<ReadLevel> level) implements ShellCommand {}

    record Expire(Bytes key, Expiry expiry) implements ShellCommand {}

    record Persist(Bytes key) implements ShellCommand {}

    /// `unit` is what the answer is printed in: seconds or milliseconds.
    record TimeToLive(Bytes key, ChronoUnit unit, Optional<ReadLevel> level) implements ShellCommand {}

    record Increment(Bytes key, long delta) implements ShellCommand {}

    record CompareAndSet(Bytes key, Bytes expected, Bytes value, Expiry expiry) implements ShellCommand {}

    /// All records when there is no count.
    record Scan(Bytes prefix, OptionalInt count, ScanCursor from, boolean keysOnly) implements ShellCommand {}

    /// The keys that match a pattern.
    record Keys(GlobPattern pattern) implements ShellCommand {}

    /// Begins a transaction: the writes that follow are queued.
    record Begin() implements ShellCommand {}

    /// Carries out what was queued.
    record Execute() implements ShellCommand {}

    /// Forgets what was queued.
    record Discard() implements ShellCommand {}

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

    /// How a record's expiry changes.
    sealed interface ExpiryChange {

        /// It expires then.
        record Set(Expiry expiry) implements ExpiryChange {}

        /// It never expires.
        record Remove() implements ExpiryChange {}
    }

    /// Whether it makes sense only with the commands before or after it.
    default boolean needsSession() {
        return this instanceof Begin || this instanceof Execute || this instanceof Discard;
    }

    /// Whether it waits for what the cluster does without the shell.
    default boolean waits() {
        return switch (this) {
            case MoveLeader _, Drain _, Move _ -> true;
            default -> false;
        };
    }
}
