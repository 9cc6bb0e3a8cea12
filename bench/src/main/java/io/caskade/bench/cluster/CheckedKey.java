package io.caskade.bench.cluster;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A key with one writer, and all that it may hold: what was acknowledged last, and each later write whose
/// outcome is unknown. For one thread.
final class CheckedKey {

    static final int STAMP_BYTES = Long.BYTES;

    /// How much later than its time a value may still be seen, and how much earlier it may be gone: the clocks
    /// of nodes differ, and a failover takes time.
    private static final long SLACK_MILLIS = 10_000;

    private final byte[] name;
    private final boolean large;
    private final List<State> possible = new ArrayList<>(List.of(State.ABSENT));

    /// @param large whether its values are large
    CheckedKey(byte[] name, boolean large) {
        this.name = name;
        this.large = large;
    }

    /// What a key may hold.
    ///
    /// @param stamp the first bytes of the value; 0 when there is none
    /// @param expiresAt Unix milliseconds; 0 for never
    record State(long stamp, long expiresAt) {

        static final State ABSENT = new State(0, 0);

        static State written(long stamp, long now, long ttl) {
            return new State(stamp, ttl == 0 ? 0 : now + ttl);
        }

        boolean mayBeGone(long now) {
            return stamp == 0 || (expiresAt > 0 && now >= expiresAt - SLACK_MILLIS);
        }

        boolean maySeem(long seen, long now) {
            return stamp == seen && (expiresAt == 0 || now <= expiresAt + SLACK_MILLIS);
        }
    }

    byte[] name() {
        return name;
    }

    boolean isLarge() {
        return large;
    }

    /// The value that is written with a stamp: all of its bytes follow from that.
    static byte[] value(long stamp, int bytes) {
        byte[] value = new byte[bytes];
        for (int i = STAMP_BYTES; i < bytes; i++) {
            value[i] = (byte) (stamp * 31 + i);
        }
        ByteBuffer.wrap(value).putLong(stamp);
        return value;
    }

    /// A write was acknowledged.
    void recordWrite(State state) {
        possible.clear();
        possible.add(state);
    }

    /// A write has an unknown outcome: it may take effect now, later or never.
    void recordUnknown(State state) {
        possible.add(state);
    }

    /// Checks an answer.
    ///
    /// @param value null when there was none
    /// @param sentAt when the read was sent, Unix milliseconds
    /// @return what is wrong, or null
    @Nullable
    String check(byte @Nullable [] value, long sentAt) {
        boolean right;
        String seen;
        if (value == null) {
            seen = "nothing";
            right = possible.stream().anyMatch(state -> state.mayBeGone(sentAt));
        } else {
            long stamp =
                    value.length < STAMP_BYTES ? -1 : ByteBuffer.wrap(value).getLong();
            seen = "write " + stamp + ", " + value.length + " bytes";
            right = possible.stream().anyMatch(state -> state.maySeem(stamp, sentAt))
                    && Arrays.equals(value, value(stamp, value.length));
        }
        return right
                ? null
                : new String(name, StandardCharsets.UTF_8) + " holds " + seen + ", but should hold one of "
                        + possible.stream().map(State::toString).collect(Collectors.joining(", ")) + " at " + sentAt;
    }
}
