package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.cluster.Endpoint;
import io.caskade.server.cluster.SessionState;
import io.caskade.server.listener.ReadBudget;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Where a command of a client in cluster mode is carried out. Of two partitions, slot 12182 of key `foo` is in
/// the last, and slot 5061 of key `bar` in the first.
class RedirectsTest {

    private static final CommandTable TABLE = CommandPage.table();
    private static final String HERE = "carried out";
    private static final String REPLICA = "read from this node's copy";

    private final Client client = new Clients(System::nanoTime).add("127.0.0.1:1", "127.0.0.1:2", () -> {});
    private final ClusterFixture cluster =
            new ClusterFixture(2).led(0, "a", "a", "b").led(1, "b", "a", "b");

    private String ask(String command) {
        byte[][] arguments = Arrays.stream(command.split(" ", -1))
                .map(word -> word.getBytes(ISO_8859_1))
                .toArray(byte[][]::new);
        Call call = new Call(TABLE.find(arguments), arguments, client, new ReadBudget(1), null);
        return switch (new Redirects(cluster.identity(), 2).insteadOf(call)) {
            case null -> call.isReadingReplica() ? REPLICA : HERE;
            case Reply.ErrorReply(String text) -> text;
            case Reply other -> throw new AssertionError("no error: " + other);
        };
    }

    @Nested
    class AClientThatIsNotInClusterMode {

        @Test
        void isAnsweredForAnyKeys() {
            assertThat(ask("GET foo")).isEqualTo(HERE);
            assertThat(ask("MGET foo bar")).isEqualTo(HERE);
            assertThat(ask("SET foo 1")).isEqualTo(HERE);
        }
    }

    @Nested
    class AClientInClusterMode {

        AClientInClusterMode() {
            client.enterClusterMode();
        }

        @Test
        void isAnsweredForTheKeysThatThisNodeLeads() {
            assertThat(ask("GET bar")).isEqualTo(HERE);
            assertThat(ask("MGET bar {bar}1 {bar}2")).isEqualTo(HERE);
        }

        @Test
        void isSentToTheAdvertisedAddressOfTheLeaderOfOthers() {
            assertThat(ask("GET foo")).isEqualTo("MOVED 12182 b:7000");
            assertThat(ask("SET foo 1")).isEqualTo("MOVED 12182 b:7000");
            assertThat(ask("DEL foo {foo}1")).isEqualTo("MOVED 12182 b:7000");
            assertThat(ask("MEMORY USAGE foo")).isEqualTo("MOVED 12182 b:7000");
        }

        @Test
        void isSentToAnAddressOfIPv6AsItIs() {
            cluster.with(ClusterFixture.node("b", new Endpoint("::1", 7000)));

            assertThat(ask("GET foo")).isEqualTo("MOVED 12182 ::1:7000");
        }

        @Test
        void isRefusedForKeysOfSeveralSlots() {
            String text = "CROSSSLOT Keys in request don't hash to the same slot";
            assertThat(ask("MGET foo bar")).isEqualTo(text);
            assertThat(ask("DEL bar {bar}1 baz")).isEqualTo(text);
            assertThat(ask("EXISTS foo foo")).isEqualTo("MOVED 12182 b:7000");
        }

        @Test
        void isAnsweredForCommandsWithoutKeys() {
            assertThat(ask("PING")).isEqualTo(HERE);
            assertThat(ask("DBSIZE")).isEqualTo(HERE);
            assertThat(ask("NOSUCH foo bar")).isEqualTo(HERE);
        }

        @Test
        void waitsHereForALeaderWhenThereIsNone() {
            cluster.led(1, null, "b");

            assertThat(ask("SET foo 1")).isEqualTo(HERE);
        }

        @Test
        void isToldThatTheClusterIsDownByANodeThatIsCutOff() {
            cluster.session(SessionState.LOST);

            assertThat(ask("GET foo")).isEqualTo("CLUSTERDOWN The cluster is down");
            assertThat(ask("GET bar")).as("led here, with a lease").isEqualTo(HERE);

            cluster.withoutLease();
            assertThat(ask("GET bar")).isEqualTo("CLUSTERDOWN The cluster is down");
        }

        @Test
        void isAnsweredLikeAnyOtherAfterReset() {
            client.reset();

            assertThat(ask("GET foo")).isEqualTo(HERE);
        }
    }

    @Nested
    class AClientThatReadsFromReplicas {

        AClientThatReadsFromReplicas() {
            client.enterClusterMode();
            client.setReadOnly(true);
        }

        @Test
        void readsFromThisNodesInSyncCopies() {
            assertThat(ask("GET foo")).isEqualTo(REPLICA);
            assertThat(ask("MGET foo {foo}1")).isEqualTo(REPLICA);
            assertThat(ask("TTL foo")).isEqualTo(REPLICA);
        }

        @Test
        void readsFromTheLeaderWhereThatIsThisNode() {
            assertThat(ask("GET bar")).isEqualTo(HERE);
        }

        @Test
        void writesWhereOthersDo() {
            assertThat(ask("SET foo 1")).isEqualTo("MOVED 12182 b:7000");
            assertThat(ask("GETDEL foo")).isEqualTo("MOVED 12182 b:7000");
        }

        @Test
        void isSentToTheLeaderWhereTheCopyIsNotInSync() {
            cluster.led(1, "b", "b", "c");

            assertThat(ask("GET foo")).isEqualTo("MOVED 12182 b:7000");
        }

        @Test
        void readsEvenWithoutALeader() {
            cluster.led(1, null, "a", "b");

            assertThat(ask("GET foo")).isEqualTo(REPLICA);
        }

        @Test
        void readsWhereOthersDoAfterReadWrite() {
            client.setReadOnly(false);

            assertThat(ask("GET foo")).isEqualTo("MOVED 12182 b:7000");
        }
    }

    @Nested
    class ThePartitionsThatAClientWritesTo {

        @Test
        void areRemembered() {
            ask("SET bar 1");
            ask("GET foo");
            assertThat(client.writtenPartitions().stream()).containsExactly(0);

            ask("DEL foo bar");
            assertThat(client.writtenPartitions().stream()).containsExactly(0, 1);
        }

        @Test
        void areNotThoseOfWritesThatAreRedirected() {
            client.enterClusterMode();

            ask("SET foo 1");

            assertThat(client.writtenPartitions().isEmpty()).isTrue();
        }
    }
}
