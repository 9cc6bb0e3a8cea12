package io.caskade.bench.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Which answers the soak takes for right.
class CheckedKeyTest {

    private static final long NOW = 1_000_000;

    private final CheckedKey key = new CheckedKey("key".getBytes(UTF_8), false);

    private static byte[] value(long stamp) {
        return CheckedKey.value(stamp, 100);
    }

    @Test
    void theLastAcknowledgedWriteIsTheOnlyRightAnswer() {
        assertThat(key.check(null, NOW)).isNull();
        key.recordWrite(CheckedKey.State.written(1, NOW, 0));
        key.recordWrite(CheckedKey.State.written(2, NOW, 0));

        assertThat(key.check(value(2), NOW)).isNull();
        assertThat(key.check(value(1), NOW)).startsWith("key holds write 1, 100 bytes, but should hold");
        assertThat(key.check(null, NOW)).contains("holds nothing");

        key.recordWrite(CheckedKey.State.ABSENT);
        assertThat(key.check(value(2), NOW)).isNotNull();
    }

    @Test
    void aWriteOfUnknownOutcomeMayHaveHappenedOrNot() {
        key.recordWrite(CheckedKey.State.written(1, NOW, 0));
        key.recordUnknown(CheckedKey.State.written(2, NOW, 0));

        assertThat(key.check(value(1), NOW)).isNull();
        assertThat(key.check(value(2), NOW)).isNull();
        assertThat(key.check(null, NOW)).isNotNull();
    }

    @Test
    void aValueIsGoneAroundTheTimeItExpires() {
        key.recordWrite(CheckedKey.State.written(1, NOW, 60_000));

        assertThat(key.check(null, NOW)).as("long before").isNotNull();
        assertThat(key.check(value(1), NOW + 60_000)).isNull();
        assertThat(key.check(null, NOW + 60_000)).isNull();
        assertThat(key.check(value(1), NOW + 120_000)).as("long after").isNotNull();
    }

    @Test
    void everyByteOfAValueIsChecked() {
        key.recordWrite(CheckedKey.State.written(1, NOW, 0));
        byte[] changed = value(1);
        changed[99] ^= 1;

        assertThat(key.check(changed, NOW)).isNotNull();
        assertThat(key.check(new byte[3], NOW)).isNotNull();
    }
}
