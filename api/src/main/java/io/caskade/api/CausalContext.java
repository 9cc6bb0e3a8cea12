package io.caskade.api;

import com.google.protobuf.InvalidProtocolBufferException;
import io.caskade.api.v1.Position;
import io.caskade.api.v1.Positions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What a client has seen of a cluster: of each partition the newest [Position], or none. A causal read is
/// answered by a replica only once it has applied all that the context covers.
///
/// Contexts are opaque: they come from answers, are merged, travel as bytes or text, and go back into reads.
/// Each position takes at most 20 bytes. Immutable.
public final class CausalContext {

    /// Nothing was seen: any committed state will do.
    public static final CausalContext EMPTY = new CausalContext(List.of());

    private static final Comparator<Position> BY_PARTITION = Comparator.comparingInt(Position::getPartition);
    private static final Comparator<Position> BY_AGE =
            Comparator.comparingInt(Position::getEpoch).thenComparingLong(Position::getSequence);

    /// By ascending partition, each once.
    private final List<Position> positions;

    private CausalContext(List<Position> positions) {
        this.positions = positions;
    }

    /// The context of an answer, which has this position. The default position, of an answer that rests on no
    /// log, is the empty context.
    ///
    /// @throws IllegalArgumentException if the partition is negative, or the epoch or the sequence not positive
    public static CausalContext of(Position position) {
        if (position.getPartition() == 0 && position.getEpoch() == 0 && position.getSequence() == 0) {
            return EMPTY;
        }
        require(position);
        return new CausalContext(List.of(position));
    }

    /// The context in a request, whose positions may have any order.
    ///
    /// @throws IllegalArgumentException if a partition is negative or occurs twice, or an epoch or a sequence
    ///     is not positive
    public static CausalContext of(Positions message) {
        List<Position> sorted =
                message.getPositionsList().stream().sorted(BY_PARTITION).toList();
        for (int i = 0; i < sorted.size(); i++) {
            require(sorted.get(i));
            if (i > 0 && sorted.get(i).getPartition() == sorted.get(i - 1).getPartition()) {
                throw new IllegalArgumentException(
                        "partition " + sorted.get(i).getPartition() + " occurs twice in the causal context");
            }
        }
        return sorted.isEmpty() ? EMPTY : new CausalContext(sorted);
    }

    private static void require(Position position) {
        if (position.getPartition() < 0 || position.getEpoch() < 1 || position.getSequence() < 1) {
            throw new IllegalArgumentException("not a position of a causal context: partition "
                    + Integer.toUnsignedString(position.getPartition()) + ", epoch "
                    + Integer.toUnsignedString(position.getEpoch()) + ", sequence "
                    + Long.toUnsignedString(position.getSequence()));
        }
    }

    /// Whichever of two positions of one partition is newer: the one with the larger epoch, or of one epoch
    /// with the larger sequence.
    public static Position newer(Position one, Position other) {
        return BY_AGE.compare(one, other) >= 0 ? one : other;
    }

    /// Parses what [#toBytes()] has made.
    ///
    /// @throws IllegalArgumentException when the bytes are anything else
    public static CausalContext parse(byte[] bytes) {
        Positions message;
        try {
            message = Positions.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("not a causal context: it is cut short or garbled", e);
        }
        CausalContext context = of(message);
        if (!Arrays.equals(bytes, context.toBytes())) {
            throw new IllegalArgumentException("not a causal context: it was changed, or made by a newer release");
        }
        return context;
    }

    /// Parses what [#toString()] has made.
    ///
    /// @throws IllegalArgumentException when the text is anything else
    public static CausalContext parse(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a causal context: it is not base64url", e);
        }
        CausalContext context = parse(bytes);
        if (!context.toString().equals(text)) {
            throw new IllegalArgumentException("not a causal context: it was changed");
        }
        return context;
    }

    /// The union of two contexts, with the newer position of each partition.
    public CausalContext merge(CausalContext other) {
        if (positions.isEmpty()) {
            return other;
        }
        if (covers(other)) {
            return this;
        }
        List<Position> merged = new ArrayList<>(positions.size() + other.positions.size());
        int i = 0;
        int j = 0;
        while (i < positions.size() && j < other.positions.size()) {
            Position mine = positions.get(i);
            Position theirs = other.positions.get(j);
            int order = BY_PARTITION.compare(mine, theirs);
            merged.add(order < 0 ? mine : order > 0 ? theirs : newer(mine, theirs));
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        merged.addAll(positions.subList(i, positions.size()));
        merged.addAll(other.positions.subList(j, other.positions.size()));
        return new CausalContext(List.copyOf(merged));
    }

    /// Whether all that another context has seen was seen here too: merging it changes nothing.
    public boolean covers(CausalContext other) {
        return other.positions.stream()
                .allMatch(theirs -> position(theirs.getPartition())
                        .filter(mine -> newer(mine, theirs).equals(mine))
                        .isPresent());
    }

    /// Whether nothing was seen.
    public boolean isEmpty() {
        return positions.isEmpty();
    }

    /// What was seen of a partition.
    public Optional<Position> position(int partition) {
        int index = Collections.binarySearch(
                positions, Position.newBuilder().setPartition(partition).build(), BY_PARTITION);
        return index < 0 ? Optional.empty() : Optional.of(positions.get(index));
    }

    /// The bytes for [#parse(byte\[\])]; the same for equal contexts.
    public byte[] toBytes() {
        return Positions.newBuilder().addAllPositions(positions).build().toByteArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CausalContext that && positions.equals(that.positions);
    }

    @Override
    public int hashCode() {
        return positions.hashCode();
    }

    /// The text for [#parse(String)]: base64url without padding, as URLs and headers may have it.
    @Override
    public String toString() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(toBytes());
    }
}
