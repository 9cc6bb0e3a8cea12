package io.caskade.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.api.v1.Position;
import io.caskade.api.v1.Positions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CausalContextTest {

    private static final CausalContext SEEN = contextOf(at(0, 3, 70), at(2, 1, 9), at(16383, 7, Long.MAX_VALUE));

    private static Position at(int partition, int epoch, long sequence) {
        return Position.newBuilder()
                .setPartition(partition)
                .setEpoch(epoch)
                .setSequence(sequence)
                .build();
    }

    private static CausalContext contextOf(Position... positions) {
        return Arrays.stream(positions).map(CausalContext::of).reduce(CausalContext.EMPTY, CausalContext::merge);
    }

    @Test
    void aMergeHasTheNewerPositionOfEachPartition() {
        CausalContext other = contextOf(at(0, 4, 60), at(1, 1, 1), at(2, 1, 8));

        CausalContext merged = SEEN.merge(other);

        assertThat(merged).isEqualTo(contextOf(at(0, 4, 60), at(1, 1, 1), at(2, 1, 9), at(16383, 7, Long.MAX_VALUE)));
        assertThat(other.merge(SEEN)).isEqualTo(merged);
        assertThat(merged.position(0)).contains(at(0, 4, 60));
        assertThat(merged.position(3)).isEmpty();
    }

    @Test
    void aMergeWithNothingChangesNothing() {
        assertThat(SEEN.merge(CausalContext.EMPTY)).isEqualTo(SEEN);
        assertThat(CausalContext.EMPTY.merge(SEEN)).isEqualTo(SEEN);
        assertThat(SEEN.merge(SEEN)).isEqualTo(SEEN);
        assertThat(CausalContext.EMPTY.isEmpty()).isTrue();
        assertThat(SEEN.isEmpty()).isFalse();
    }

    @Test
    void aContextComesBackFromItsBytesAndItsText() {
        assertThat(CausalContext.parse(SEEN.toBytes())).isEqualTo(SEEN).hasSameHashCodeAs(SEEN);
        assertThat(CausalContext.parse(SEEN.toString())).isEqualTo(SEEN);
        assertThat(CausalContext.parse("")).isEqualTo(CausalContext.EMPTY);
        assertThat(contextOf(at(16383, Integer.MAX_VALUE, Long.MAX_VALUE)).toBytes())
                .hasSizeLessThanOrEqualTo(22);
    }

    @Test
    void noByteOfAContextCanBeChangedUnnoticedIntoAnotherEncoding() {
        byte[] bytes = SEEN.toBytes();
        for (int length = 1; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            try {
                assertThat(CausalContext.parse(cut).toBytes()).isEqualTo(cut);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("causal context");
            }
        }
    }

    @Test
    void bytesWithAnotherOrderAnUnknownFieldOrAPositionTwiceAreRefused() {
        List<Positions> wrong = List.of(
                Positions.newBuilder()
                        .addPositions(at(2, 1, 1))
                        .addPositions(at(1, 1, 1))
                        .build(),
                Positions.newBuilder()
                        .addPositions(at(1, 1, 1))
                        .addPositions(at(1, 1, 2))
                        .build());
        for (Positions message : wrong) {
            assertThatThrownBy(() -> CausalContext.parse(message.toByteArray()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("causal context");
        }
        byte[] more = Arrays.copyOf(SEEN.toBytes(), SEEN.toBytes().length + 2);
        more[more.length - 2] = 0x18;
        assertThatThrownBy(() -> CausalContext.parse(more))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("newer release");
    }

    @Test
    void aRequestMayHaveThePositionsInAnyOrder() {
        Positions message = Positions.newBuilder()
                .addPositions(at(2, 1, 1))
                .addPositions(at(1, 5, 4))
                .build();

        assertThat(CausalContext.of(message)).isEqualTo(contextOf(at(1, 5, 4), at(2, 1, 1)));
    }

    @Test
    void aPositionThatNoAnswerCanHaveIsRefused() {
        for (Position position : List.of(at(-1, 1, 1), at(0, 0, 1), at(0, 1, 0), at(0, -1, 1), at(0, 1, -1))) {
            assertThatThrownBy(() -> CausalContext.of(position))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("partition " + Integer.toUnsignedString(position.getPartition()));
        }
        assertThat(CausalContext.of(Position.getDefaultInstance())).isEqualTo(CausalContext.EMPTY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "AA", "CgYIABADGEY=", "hello world", "CgYIABADGEb"})
    void anyOtherTextIsRefused(String text) {
        assertThatThrownBy(() -> CausalContext.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a causal context");
    }
}
