package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.Limits;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Values are fetched only for commands that look at them.
class TransactionViewTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final ByteBuffer NAME = ByteBuffer.wrap(KEY);
    private static final FoundRecord INFO = new FoundRecord(KEY, new byte[0], 5, 7, 0, -1);
    private static final FoundRecord WHOLE = new FoundRecord(KEY, "value".getBytes(UTF_8), 7, 0, -1);

    private final Map<ByteBuffer, @Nullable FoundRecord> fetched = new HashMap<>();
    private final TransactionView view = new TransactionView(fetched, new Limits(1 << 20), 1_000);

    private void expire() {
        var _ = view.write(new Command.Expire(KEY, new Expiry.At(5_000)));
    }

    @Test
    void aValueIsMissingWhereItIsLookedAt() {
        var _ = view.readInfo(KEY);
        assertThat(view.missing()).containsExactly(Map.entry(NAME, false));

        var _ = view.read(KEY);
        var _ = view.readInfo(KEY);

        assertThat(view.missing()).containsExactly(Map.entry(NAME, true));
    }

    @Test
    void aRecordWithoutItsValueIsEnoughForWhatDoesNotLookAtIt() {
        fetched.put(NAME, INFO);

        assertThat(view.readInfo(KEY)).isCompletedWithValue(INFO);
        assertThat(view.missing()).isEmpty();
        assertThat(view.read(KEY)).isNotDone();
        assertThat(view.missing()).containsExactly(Map.entry(NAME, true));
    }

    @Test
    void whatAWriteMakesOfARecordIsNotKnownWithoutItsValue() {
        fetched.put(NAME, INFO);
        expire();
        assertThat(view.missing()).isEmpty();

        assertThat(view.readInfo(KEY)).isNotDone();

        assertThat(view.missing()).containsExactly(Map.entry(NAME, true));
    }

    @Test
    void whatAWriteMakesOfAWholeRecordIsKnown() {
        fetched.put(NAME, WHOLE);
        expire();

        assertThat(view.readInfo(KEY)).isCompletedWithValueMatching(found -> found.expiresAt() == 5_000);
        assertThat(view.missing()).isEmpty();
    }

    @Test
    void aRecordThatIsOverwrittenNeedsNoValue() {
        fetched.put(NAME, INFO);
        var _ = view.write(
                new Command.Put(KEY, "new".getBytes(UTF_8), new Expiry.Never(), new Command.Condition.None()));

        assertThat(view.read(KEY)).isCompletedWithValueMatching(found -> found.valueBytes() == 3);
        assertThat(view.missing()).isEmpty();
    }
}
