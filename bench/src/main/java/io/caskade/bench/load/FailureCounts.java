package io.caskade.bench.load;

import io.caskade.client.CaskadeException;
import io.caskade.client.OutcomeUnknownException;
import io.caskade.client.RefusedException;
import io.caskade.client.UnreachableException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/// Counts failed operations by kind. Writes of unknown outcome are a kind of their own.
///
/// Thread-safe.
public final class FailureCounts {

    /// The kind of a write of unknown outcome.
    public static final String UNKNOWN = "outcome unknown";

    private final SortedMap<String, Long> counts = new TreeMap<>();

    public synchronized void add(Throwable failure) {
        counts.merge(kindOf(failure), 1L, Long::sum);
    }

    public synchronized void addAll(FailureCounts other) {
        other.counts().forEach((kind, count) -> counts.merge(kind, count, Long::sum));
    }

    /// By kind; a copy.
    public synchronized Map<String, Long> counts() {
        return new TreeMap<>(counts);
    }

    /// OperationSource that did not have their effect, or whose answer is missing.
    public synchronized long definite() {
        return counts.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(UNKNOWN))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /// Writes that may or may not have taken effect.
    public synchronized long unknown() {
        return counts.getOrDefault(UNKNOWN, 0L);
    }

    private static String kindOf(Throwable failure) {
        return switch (failure) {
            case CompletionException wrapped when wrapped.getCause() != null -> kindOf(wrapped.getCause());
            case CaskadeException known ->
                switch (known) {
                    case OutcomeUnknownException _ -> UNKNOWN;
                    case RefusedException refused -> refused.codeName();
                    case UnreachableException _ -> "unreachable";
                };
            case FailedReplyException reply when reply.getMessage() != null -> reply.getMessage();
            default -> failure.getClass().getSimpleName();
        };
    }

    /// `none`, or each kind with how many.
    @Override
    public String toString() {
        return counts().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(
                        Collectors.collectingAndThen(Collectors.joining(", "), text -> text.isEmpty() ? "none" : text));
    }
}
