package io.caskade.cli.command;

import io.caskade.client.Bytes;
import io.caskade.client.Expiry;
import io.caskade.client.PutOptions;
import io.caskade.client.ScanCursor;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A parsed command.
public sealed interface Command {

    record Set(Bytes key, Bytes value, PutOptions options) implements Command {}

    record Get(Bytes key) implements Command {}

    record Delete(List<Bytes> keys) implements Command {}

    record Exists(Bytes key) implements Command {}

    record Expire(Bytes key, Expiry expiry) implements Command {}

    record Persist(Bytes key) implements Command {}

    /// `unit` is what the answer is printed in: seconds or milliseconds.
    record TimeToLive(Bytes key, ChronoUnit unit) implements Command {}

    record Increment(Bytes key, long delta) implements Command {}

    record CompareAndSet(Bytes key, Bytes expected, Bytes value, Expiry expiry) implements Command {}

    /// All records when there is no count.
    record Scan(Bytes prefix, OptionalInt count, ScanCursor from, boolean keysOnly) implements Command {}

    record Cluster() implements Command {}

    record MoveLeader(int partition, String node) implements Command {}

    /// `undo` lets the node lead and keep copies again.
    record Drain(String node, boolean undo) implements Command {}

    record Help(Optional<CommandSpec> about) implements Command {}

    record Quit() implements Command {}
}
