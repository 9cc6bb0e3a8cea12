package io.caskade.server.simulator;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.transport.RawBatches;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Puts events, messages, roles and states into words: a record's name, then its parts, each with its name.
///
/// The same thing has the same words in every process; the order in which the JDK's immutable sets give their
/// elements is not.
final class Wording {

    private Wording() {}

    static String of(@Nullable Object thing) {
        return switch (thing) {
            case null -> "none";
            case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
            case Optional<?> maybe -> of(maybe.orElse(null));
            case Set<?> set -> set.stream().map(Wording::of).sorted().collect(Collectors.joining(" "));
            case Collection<?> list -> list.stream().map(Wording::of).collect(Collectors.joining("; "));
            case ClockReading moment -> of(moment);
            case NodeIncarnation leader -> qualified(leader.node(), leader.incarnation());
            case CopyId copy -> qualified(copy.node(), copy(copy.copy()));
            case EpochHistory history -> of(history);
            case LogEntry entry -> of(entry);
            case LogEntries batches -> of(batches.entries());
            case RawBatches batches -> of(LogEntries.of(batches.content()));
            case PartitionState state -> of(state);
            case Versioned<?> versioned -> "version " + versioned.version() + ": " + of(versioned.value());
            case Record event -> ofRecord(event);
            default -> thing.toString();
        };
    }

    private static String of(ClockReading moment) {
        return moment.monotonic() == moment.wall()
                ? String.valueOf(moment.wall())
                : moment.monotonic() + "/" + moment.wall();
    }

    private static final String NO_UUID_DIGITS = "00000000-0000-0000-0000-0";

    /// A copy's identity.
    static String copy(String id) {
        return id.startsWith(NO_UUID_DIGITS) ? "copy-" + Long.parseLong(id.substring(NO_UUID_DIGITS.length()), 16) : id;
    }

    private static String qualified(String node, String id) {
        return id.startsWith(node) ? id : node + ":" + id;
    }

    private static String of(EpochHistory history) {
        return history.starts().stream()
                .map(start -> start.epoch() + "@" + start.sequence())
                .collect(Collectors.joining(" ", "[", "]"));
    }

    private static String of(LogEntry entry) {
        if (entry.isMark()) {
            return entry.sequence() + " MARK";
        }
        return entry.sequence() + (entry.isRemoval() ? " no " + entry.key() : " " + entry.key() + "=" + entry.value());
    }

    private static String of(PartitionState state) {
        String led = state.leader() == null ? "no leader" : "led by " + of(state.leader());
        return led + ", epoch " + state.epoch() + ", in sync " + of(state.isr());
    }

    private static String ofRecord(Record thing) {
        List<String> parts = new ArrayList<>();
        for (RecordComponent part : thing.getClass().getRecordComponents()) {
            String words = words(part.getName());
            Object value = value(part, thing);
            if (value instanceof Boolean flag) {
                parts.add(flag ? words : "not " + words);
            } else {
                parts.add(value instanceof Record inner && isEvent(inner) ? of(value) : words + " " + of(value));
            }
        }
        String name = thing.getClass().getSimpleName();
        return parts.isEmpty() ? name : name + " " + String.join(", ", parts);
    }

    /// A message within an event needs no name besides its own.
    private static boolean isEvent(Record part) {
        return part.getClass().getEnclosingClass() != null;
    }

    private static String words(String camelCase) {
        return camelCase.replaceAll("(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }

    private static @Nullable Object value(RecordComponent part, Record thing) {
        try {
            part.getAccessor().setAccessible(true);
            return part.getAccessor().invoke(thing);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(part + " of " + thing.getClass(), e);
        }
    }
}
