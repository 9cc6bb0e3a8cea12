package io.caskade.bitcask.record;

import static io.caskade.bitcask.log.LogOnDisk.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BatchEncoderTest {

    private final BatchEncoder encoder = new BatchEncoder();

    @Test
    void everyRecordButTheLastOfABatchIsFlaggedAsContinued() {
        encoder.start(4, 10);
        encoder.put(bytes("a"), bytes("1"), 77);
        encoder.tombstone(bytes("b"));
        encoder.put(bytes("c"), bytes("3"), 0);
        encoder.endBatch();
        ByteBuffer group = encoder.group();
        int second = RecordFormat.trustedLength(group, 0);
        int third = second + RecordFormat.trustedLength(group, second);
        assertThat(RecordFormat.endsBatch(group, 0)).isFalse();
        assertThat(RecordFormat.endsBatch(group, second)).isFalse();
        assertThat(RecordFormat.endsBatch(group, third)).isTrue();
        assertThat(RecordFormat.sequence(group, third)).isEqualTo(12);
        assertThat(RecordFormat.epoch(group, third)).isEqualTo(4);
        assertThat(RecordFormat.expiresAt(group, 0)).isEqualTo(77);
        assertThat(RecordFormat.kind(group, second)).isEqualTo(RecordKind.TOMBSTONE);
    }

    @Test
    void recordsThatOutgrowTheBufferKeepTheirBytes() {
        encoder.start(1, 1);
        byte[] large = "x".repeat(5 << 20).getBytes(StandardCharsets.US_ASCII);
        encoder.put(bytes("small"), bytes("1"), 0);
        encoder.endBatch();
        encoder.put(bytes("large"), large, 0);
        encoder.endBatch();
        ByteBuffer group = encoder.group();
        int second = RecordFormat.lengthAt(group, 0);
        assertThat(RecordFormat.isIntact(group, 0, second)).isTrue();
        assertThat(RecordFormat.isIntact(group, second, RecordFormat.lengthAt(group, second)))
                .isTrue();
        assertThat(RecordFormat.value(group, second)).isEqualTo(large);
        encoder.start(1, 3);
        assertThat(encoder.size()).isZero();
        assertThat(encoder.group().remaining()).isZero();
    }

    @Test
    void keysOfInvalidLengthAreRefused() {
        encoder.start(1, 1);
        byte[] tooLong = new byte[RecordFormat.MAX_KEY_BYTES + 1];
        assertThatThrownBy(() -> encoder.put(new byte[0], bytes("v"), 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> encoder.put(tooLong, bytes("v"), 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> encoder.tombstone(new byte[0])).isInstanceOf(IllegalArgumentException.class);
        assertThat(encoder.size()).isZero();
    }

    @Test
    void markAndClearAreRefusedWithinABatch() {
        encoder.start(1, 1);
        encoder.put(bytes("a"), bytes("1"), 0);
        assertThatThrownBy(() -> encoder.mark(1, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(encoder::clear).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(encoder::group).isInstanceOf(IllegalStateException.class);
        encoder.endBatch();
        encoder.clear();
        assertThat(encoder.nextSequence()).isEqualTo(3);
    }

    @Test
    void theNewestRecordsOfKeysAreFound() {
        encoder.start(1, 1);
        encoder.mark(0, 0);
        encoder.put(bytes("a"), bytes("1"), 77);
        encoder.put(bytes("b"), bytes("2"), 0);
        encoder.endBatch();
        encoder.tombstone(bytes("a"));
        encoder.put(bytes("other"), bytes("3"), 0);
        encoder.endBatch();
        Set<ByteBuffer> keys = Set.of(key("a"), key("b"), key("none"));

        assertThat(encoder.newest(keys))
                .containsOnly(
                        Map.entry(key("a"), new PendingRecord(RecordKind.TOMBSTONE, 4, 0)),
                        Map.entry(key("b"), new PendingRecord(RecordKind.PUT, 3, 0)));
        assertThat(encoder.newest(Set.of())).isEmpty();

        encoder.clear();
        encoder.put(bytes("b"), bytes("4"), 0);
        encoder.endBatch();

        PendingRecord cleared = new PendingRecord(RecordKind.CLEAR, 6, 0);
        assertThat(encoder.newest(keys))
                .containsOnly(
                        Map.entry(key("a"), cleared),
                        Map.entry(key("b"), new PendingRecord(RecordKind.PUT, 7, 0)),
                        Map.entry(key("none"), cleared));
    }

    private static ByteBuffer key(String text) {
        return ByteBuffer.wrap(bytes(text));
    }

    @Test
    void theLongestKeyIsReadBack() {
        encoder.start(1, 1);
        byte[] key = new byte[RecordFormat.MAX_KEY_BYTES];
        key[RecordFormat.MAX_KEY_BYTES - 1] = 7;
        encoder.put(key, bytes("v"), 0);
        encoder.endBatch();
        ByteBuffer group = encoder.group();
        assertThat(RecordFormat.lengthAt(group, 0)).isEqualTo(group.remaining());
        assertThat(RecordFormat.key(group, 0)).isEqualTo(key);
    }

    @Test
    void theMarkThatBeginsAGroupCanBeSettledLast() {
        encoder.start(1, 5);
        encoder.mark(0, 0);
        encoder.put(bytes("a"), bytes("1"), 0);
        encoder.endBatch();
        encoder.rewriteMark(77, 4);
        ByteBuffer group = encoder.group();
        assertThat(RecordFormat.isIntact(group, 0, RecordFormat.MARK_BYTES)).isTrue();
        assertThat(RecordFormat.markTime(group, 0)).isEqualTo(77);
        assertThat(RecordFormat.markHighWatermark(group, 0)).isEqualTo(4);
        assertThat(RecordFormat.isIntact(
                        group, RecordFormat.MARK_BYTES, RecordFormat.lengthAt(group, RecordFormat.MARK_BYTES)))
                .isTrue();
    }

    @Test
    void aGroupWithoutAMarkHasNoneToSettle() {
        encoder.start(1, 1);
        assertThatThrownBy(() -> encoder.rewriteMark(1, 0)).isInstanceOf(IllegalStateException.class);
        encoder.put(bytes("a"), bytes("1"), 0);
        encoder.endBatch();
        assertThatThrownBy(() -> encoder.rewriteMark(1, 0)).isInstanceOf(IllegalStateException.class);
    }
}
