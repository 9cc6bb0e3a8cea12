package io.caskade.cli;

import io.caskade.client.Bytes;
import io.caskade.client.ClusterStatus;
import io.caskade.client.Counter;
import io.caskade.client.DrainProgress;
import io.caskade.client.Entry;
import io.caskade.client.ScanPage;
import io.caskade.client.TimeToLive;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.Optional;

/// What a command found or did.
sealed interface Answer {

    /// A write was applied.
    record Done(Bytes key, long version) implements Answer {}

    /// There is no such record.
    record NotFound(Bytes key) implements Answer {}

    /// There is something else than the command's condition asked for.
    record ConditionNotMet(Bytes key, Optional<Entry> current) implements Answer {}

    record Value(Entry entry) implements Answer {}

    /// Of several keys so many were there.
    record Deleted(int found, int keys) implements Answer {}

    record Existence(Bytes key, boolean exists) implements Answer {}

    record Count(Bytes key, Counter counter) implements Answer {}

    /// How long a record will live, to be told in seconds or in milliseconds.
    record Remaining(Bytes key, TimeToLive timeToLive, ChronoUnit unit) implements Answer {}

    /// Records, read while they are printed; the last page says whether there are more.
    record Listing(Iterator<ScanPage> pages, boolean keysOnly) implements Answer {}

    record Cluster(ClusterStatus status) implements Answer {}

    /// A partition is led by that node.
    record LeaderMoved(int partition, String node) implements Answer {}

    /// A node is drained as far as it can be, or is one like the others again.
    record Drained(String node, DrainProgress progress, boolean undone) implements Answer {}

    /// It was asked for and has not happened in time; it may yet.
    record Unfinished(String message) implements Answer {}

    record Help(Optional<Verb> about) implements Answer {}

    /// The end of the conversation.
    record Bye() implements Answer {}

    /// What the process says when this was its only command: 0 when it was done, 1 when the answer is no.
    default int exitCode() {
        return switch (this) {
            case Done _, Value _, Count _, Remaining _, Listing _, Cluster _, LeaderMoved _, Drained _, Help _, Bye _ ->
                Exit.DONE;
            case Unfinished _ -> Exit.UNKNOWN;
            case NotFound _, ConditionNotMet _ -> Exit.NO;
            case Deleted(int found, int keys) -> found == keys ? Exit.DONE : Exit.NO;
            case Existence(Bytes _, boolean exists) -> exists ? Exit.DONE : Exit.NO;
        };
    }
}
