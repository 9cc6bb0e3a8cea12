package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.SessionState;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.redis.resp.RespWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// How many copies a client is told that its writes are on. The first of two partitions has two followers, the
/// second has one.
class WaitCommandsTest {

    private final Client client = new Clients(System::nanoTime).add("127.0.0.1:1", "127.0.0.1:2", () -> {});
    private final ClusterFixture cluster =
            new ClusterFixture(2).led(0, "a", "a", "b", "c").led(1, "b", "a", "b");

    private String ask(ServerIdentity identity, String command) {
        byte[][] arguments = Arrays.stream(command.split(" ", -1))
                .map(word -> word.getBytes(ISO_8859_1))
                .toArray(byte[][]::new);
        RedisCommand called = new WaitCommands(identity)
                .commands().stream()
                        .filter(each -> command.toLowerCase(Locale.ROOT).startsWith(each.name() + " "))
                        .findFirst()
                        .orElseThrow();
        Reply reply;
        try {
            reply = called.handler()
                    .handle(new Call(called, arguments, client, new ReadBudget(1), null))
                    .toCompletableFuture()
                    .join();
        } catch (RedisError e) {
            return "-" + e.text();
        }
        StringBuilder text = new StringBuilder();
        RespWriter writer = new RespWriter(UnpooledByteBufAllocator.DEFAULT, bytes -> append(text, bytes));
        reply.write(writer);
        writer.flush();
        return text.toString().replace("\r\n", "");
    }

    private static void append(StringBuilder text, ByteBuf bytes) {
        text.append(bytes.toString(ISO_8859_1));
        bytes.release();
    }

    private String ask(String command) {
        return ask(cluster.identity(), command);
    }

    @Test
    void itIsTheInSyncFollowersOfThePartitionThatItWroteTo() {
        client.noteWrite(0);

        assertThat(ask("WAIT 1 100")).isEqualTo(":2");
        assertThat(ask("WAIT 5 0")).as("it waits for none").isEqualTo(":2");
        assertThat(ask("WAITAOF 1 2 100")).isEqualTo("*2:1:2");
    }

    @Test
    void itIsTheFewestOfSeveralPartitions() {
        client.noteWrite(0);
        client.noteWrite(1);

        assertThat(ask("WAIT 1 100")).isEqualTo(":1");
    }

    @Test
    void itIsTheFewestOfAllWhenItWroteNothing() {
        assertThat(ask("WAIT 1 100")).isEqualTo(":1");
        assertThat(ask("WAITAOF 0 1 100")).isEqualTo("*2:1:1");
    }

    @Test
    void itIsOnlyWhatMinInsyncDemandsWhileZooKeeperCannotBeReached() {
        client.noteWrite(0);
        cluster.session(SessionState.SUSPENDED);

        assertThat(ask("WAIT 1 100")).isEqualTo(":0");
    }

    @Test
    void noneIsSyncedWhereWritesAreAcknowledgedBefore() {
        ServerIdentity known = cluster.identity();
        ServerIdentity relaxed = new ServerIdentity(
                known.node(), known.incarnation(), known.version(), known.image(), known.membership(), false);
        client.noteWrite(0);

        assertThat(ask(relaxed, "WAITAOF 1 2 100")).isEqualTo("*2:0:0");
        assertThat(ask(relaxed, "WAIT 2 100")).isEqualTo(":2");
    }

    @Test
    void argumentsAreThoseOfRedis() {
        assertThat(ask("WAIT x 0")).isEqualTo("-ERR value is not an integer or out of range");
        assertThat(ask("WAIT 1 x")).isEqualTo("-ERR timeout is not an integer or out of range");
        assertThat(ask("WAIT 1 -1")).isEqualTo("-ERR timeout is negative");
        assertThat(ask("WAIT 1 9223372036854775807")).isEqualTo("-ERR timeout is out of range");
        assertThat(ask("WAIT -1 0")).isEqualTo(":1");
        assertThat(ask("WAITAOF 2 1 0")).isEqualTo("-ERR value is out of range, must be between 0 and 1");
        assertThat(ask("WAITAOF x 1 0")).isEqualTo("-ERR value is not an integer or out of range");
        assertThat(ask("WAITAOF 1 -1 0")).isEqualTo("-ERR value is out of range, must be positive");
        assertThat(ask("WAITAOF 1 x 0")).isEqualTo("-ERR value is out of range, must be positive");
        assertThat(ask("WAITAOF 1 1 -1")).isEqualTo("-ERR timeout is negative");
    }
}
