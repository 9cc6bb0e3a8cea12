package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnOneNode.await;
import static io.caskade.server.partition.PartitionOnOneNode.bytes;
import static io.caskade.server.partition.PartitionOnOneNode.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.Durability;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandRefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Writes of one key that follow one another without waiting.
class WriteOrderTest {

    private static final long SEED = Long.getLong("test.seed", new Random().nextLong());
    private static final int KEYS = 3;
    private static final int WRITES = 600;

    private final PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC);

    private static CompletableFuture<Command.Result> write(PartitionOnOneNode.Life life, Command command) {
        return life.commands().writeInOrder(command).toCompletableFuture().thenApply(Answer::value);
    }

    private static Command increment(String key) {
        return new Command.Increment(bytes(key), 1);
    }

    private static Command delete(String key) {
        return new Command.Delete(bytes(key), new Condition.None());
    }

    /// A put needs no record, and an increment one that must be fetched.
    @Test
    void theyAreDecidedInTheOrderInWhichTheyCame() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.put("a", "10"));

        CompletableFuture<Command.Result> first = write(life, increment("a"));
        CompletableFuture<Command.Result> second = write(life, put("a", "100"));
        CompletableFuture<Command.Result> third = write(life, increment("a"));
        CompletableFuture<Command.Result> fourth = write(life, delete("a"));
        CompletableFuture<Command.Result> fifth = write(life, delete("a"));
        CompletableFuture<Command.Result> sixth = write(life, increment("a"));

        assertThat(await(first).number()).isEqualTo(11);
        assertThat(await(second).applied()).isTrue();
        assertThat(await(third).number()).isEqualTo(101);
        assertThat(await(fourth).applied()).isTrue();
        assertThat(await(fifth).applied()).isFalse();
        assertThat(await(sixth).number()).isEqualTo(1);
        assertThat(life.get("a")).isEqualTo("1");
        assertThat(life.commands().inFlightBytes()).isZero();
        life.stop();
    }

    @Test
    void oneThatFailsHoldsUpNoOther() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.put("a", "text"));

        CompletableFuture<Command.Result> first = write(life, increment("a"));
        CompletableFuture<Command.Result> second = write(life, increment("a"));
        CompletableFuture<Command.Result> third = write(life, put("a", "1"));
        CompletableFuture<Command.Result> fourth = write(life, increment("a"));

        assertThatThrownBy(() -> await(first)).cause().isInstanceOf(CommandRefusedException.class);
        assertThatThrownBy(() -> await(second)).cause().isInstanceOf(CommandRefusedException.class);
        assertThat(await(third).applied()).isTrue();
        assertThat(await(fourth).number()).isEqualTo(2);
        assertThat(life.commands().inFlightBytes()).isZero();
        life.stop();
    }

    /// As if each had waited for the one before it.
    @Test
    void manyEndAsTheyWouldOneByOne() throws Exception {
        Random random = new Random(SEED);
        PartitionOnOneNode.Life life = node.start();
        long[] values = new long[KEYS];
        List<Long> expected = new ArrayList<>();
        List<CompletableFuture<Command.Result>> written = new ArrayList<>();

        for (int i = 0; i < WRITES; i++) {
            int key = random.nextInt(KEYS);
            if (random.nextInt(3) == 0) {
                values[key] = random.nextInt(1000);
                written.add(write(life, put("k" + key, Long.toString(values[key]))));
                expected.add(0L);
            } else if (random.nextInt(8) == 0) {
                values[key] = 0;
                written.add(write(life, delete("k" + key)));
                expected.add(0L);
            } else {
                written.add(write(life, increment("k" + key)));
                expected.add(++values[key]);
            }
        }

        for (int i = 0; i < WRITES; i++) {
            assertThat(await(written.get(i)).number())
                    .as("write %d with -Dtest.seed=%d", i, SEED)
                    .isEqualTo(expected.get(i));
        }
        life.stop();
    }
}
