package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnOneNode.bytes;
import static io.caskade.server.partition.PartitionOnOneNode.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.Limits;
import io.caskade.server.command.WriteBatch;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// Which partition commands of several keys go to.
class CommandRouterTest {

    private final CommandRouter router = new CommandRouter(8, new Limits(1_000));

    @Test
    void aBatchOfTwoPartitionsIsRefusedAndSaysWhereItsKeysAre() {
        int first = router.partitionOf(bytes("one"));
        int second = router.partitionOf(bytes("two"));
        assertThat(first).isNotEqualTo(second);

        assertThatThrownBy(() -> router.write(new WriteBatch(List.of(), List.of(put("one", "1"), put("two", "2")))))
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Reason.INVALID_ARGUMENT))
                .hasMessageContaining("\"one\" is in partition " + first)
                .hasMessageContaining("\"two\" in partition " + second);
    }

    @Test
    void aCheckIsOfTheSamePartitionToo() {
        WriteBatch.Check check = new WriteBatch.Check(bytes("two"), new Condition.Absent());

        assertRefused(
                () -> router.write(new WriteBatch(List.of(check), List.of(put("one", "1")))), Reason.INVALID_ARGUMENT);
    }

    @Test
    void keysWithTheSameHashTagAreOfOnePartition() {
        WriteBatch batch = new WriteBatch(List.of(), List.of(put("{tag}one", "1"), put("{tag}two", "2")));

        assertRefused(() -> router.write(batch), Reason.NOT_LEADER);
    }

    @Test
    void anEmptyBatchIsRefused() {
        assertRefused(() -> router.write(new WriteBatch(List.of(), List.of())), Reason.INVALID_ARGUMENT);
    }

    private static void assertRefused(ThrowingCallable asked, Reason reason) {
        assertThatThrownBy(asked)
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason));
    }
}
