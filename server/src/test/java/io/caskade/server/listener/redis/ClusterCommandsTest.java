package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A single node answers as a cluster of one, whose address is the advertised one.
class ClusterCommandsTest {

    @TempDir
    private static Path directory;

    private static RedisNode node;

    private RawRedis redis;

    @BeforeAll
    static void start() throws Exception {
        node = RedisNode.start(directory, Map.of("CASKADE_LISTENERS_REDIS_ADVERTISED", "kv.example:7777"));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @BeforeEach
    void connect() throws Exception {
        redis = node.connect();
    }

    @AfterEach
    void disconnect() throws Exception {
        redis.close();
    }

    private void check(String transcript) throws Exception {
        Transcript.check(redis, transcript);
    }

    private String id() throws Exception {
        return redis.ask("CLUSTER MYID").replace("\"", "");
    }

    @Test
    void slotsAreListedWithTheAdvertisedAddress() throws Exception {
        assertThat(redis.ask("CLUSTER SLOTS"))
                .isEqualTo("[[(integer) 0, (integer) 16383, [\"kv.example\", (integer) 7777, \"" + id() + "\", []]]]");

        redis.ask("HELLO 3");
        assertThat(redis.ask("CLUSTER SLOTS"))
                .isEqualTo("[[(integer) 0, (integer) 16383, [\"kv.example\", (integer) 7777, \"" + id() + "\", {}]]]");
    }

    @Test
    void shardsAreListed() throws Exception {
        assertThat(redis.ask("CLUSTER SHARDS"))
                .isEqualTo("[[\"slots\", [(integer) 0, (integer) 16383], \"nodes\", [[\"id\", \"" + id()
                        + "\", \"port\", (integer) 7777, \"ip\", \"kv.example\", \"endpoint\", \"kv.example\","
                        + " \"role\", \"master\", \"replication-offset\", (integer) 0, \"health\", \"online\"]]]]");

        redis.ask("HELLO 3");
        assertThat(redis.ask("CLUSTER SHARDS"))
                .isEqualTo("[{\"slots\": [(integer) 0, (integer) 16383], \"nodes\": [{\"id\": \"" + id()
                        + "\", \"port\": (integer) 7777, \"ip\": \"kv.example\", \"endpoint\": \"kv.example\","
                        + " \"role\": \"master\", \"replication-offset\": (integer) 0, \"health\": \"online\"}]}]");
    }

    @Test
    void nodesAreListed() throws Exception {
        String line = id() + " kv.example:7777@0 myself,master - 0 0 1 connected 0-16383\n";
        assertThat(redis.ask("CLUSTER NODES")).isEqualTo('"' + line + '"');

        redis.ask("HELLO 3");
        assertThat(redis.ask("CLUSTER NODES")).isEqualTo("txt:" + line + '"');
    }

    @Test
    void theStateIsTold() throws Exception {
        assertThat(redis.ask("CLUSTER INFO"))
                .isEqualTo("\""
                        + String.join(
                                "\r\n",
                                "cluster_state:ok",
                                "cluster_slots_assigned:16384",
                                "cluster_slots_ok:16384",
                                "cluster_slots_pfail:0",
                                "cluster_slots_fail:0",
                                "cluster_known_nodes:1",
                                "cluster_size:1",
                                "cluster_current_epoch:1",
                                "cluster_my_epoch:1",
                                "cluster_stats_messages_sent:0",
                                "cluster_stats_messages_received:0",
                                "total_cluster_links_buffer_limit_exceeded:0",
                                "\""));
    }

    @Test
    void idsAreFortyDigitsThatStay() throws Exception {
        assertThat(redis.ask("CLUSTER MYID")).isEqualTo("\"3e39f92fe4b9639ba216a43bbf05064059ea89c1\"");
        assertThat(redis.ask("CLUSTER MYSHARDID")).matches("\"[0-9a-f]{40}\"").isNotEqualTo(redis.ask("CLUSTER MYID"));
    }

    @Test
    void keysHaveSlots() throws Exception {
        check("""
                > CLUSTER KEYSLOT foo
                (integer) 12182
                > CLUSTER KEYSLOT a{foo}b
                (integer) 12182
                > CLUSTER KEYSLOT a{}foo
                (integer) 16292
                > CLUSTER KEYSLOT ""
                (integer) 0
                > CLUSTER KEYSLOT
                (error) ERR wrong number of arguments for 'cluster|keyslot' command
                """);
    }

    @Test
    void theKeysOfASlotAreCountedAndListed() throws Exception {
        for (int i = 0; i < 30; i++) {
            redis.ask("SET {slot}" + i + " v");
            redis.ask("SET other" + i + " v");
        }
        redis.ask("SET {slot}gone v PXAT 1");
        String slot = redis.ask("CLUSTER KEYSLOT slot").replace("(integer) ", "");
        assertThat(redis.ask("CLUSTER COUNTKEYSINSLOT " + slot)).isEqualTo("(integer) 30");
        assertThat(redis.ask("CLUSTER GETKEYSINSLOT " + slot + " 100").split(", "))
                .hasSize(30);
        assertThat(redis.ask("CLUSTER GETKEYSINSLOT " + slot + " 7").split(", "))
                .hasSize(7)
                .allMatch(key -> key.contains("{slot}"));
        check("""
                > CLUSTER GETKEYSINSLOT 0 0
                []
                > CLUSTER COUNTKEYSINSLOT 16384
                (error) ERR Invalid slot
                > CLUSTER COUNTKEYSINSLOT -1
                (error) ERR Invalid slot
                > CLUSTER COUNTKEYSINSLOT x
                (error) ERR value is not an integer or out of range
                > CLUSTER GETKEYSINSLOT 16384 1
                (error) ERR Invalid slot or number of keys
                > CLUSTER GETKEYSINSLOT 1 -1
                (error) ERR Invalid slot or number of keys
                > CLUSTER GETKEYSINSLOT 1 x
                (error) ERR value is not an integer or out of range
                """);
    }

    @Test
    void whatThereIsNotIsAnsweredAsNothing() throws Exception {
        check("""
                > CLUSTER LINKS
                []
                > CLUSTER COUNT-FAILURE-REPORTS x
                (error) ERR Unknown node x
                > CLUSTER MEET 127.0.0.1 6379
                (error) ERR unknown subcommand 'MEET'. Try CLUSTER HELP.
                > CLUSTER
                (error) ERR wrong number of arguments for 'cluster' command
                > ASKING
                OK
                > ASKING now
                (error) ERR wrong number of arguments for 'asking' command
                """);
        assertThat(redis.ask("CLUSTER COUNT-FAILURE-REPORTS " + id())).isEqualTo("(integer) 0");
        assertThat(redis.ask("CLUSTER HELP")).startsWith("[CLUSTER <subcommand> [<arg> [value] [opt] ...].");
    }

    @Test
    void helloAndInfoCallAConnectionThatHasAskedForTheSlotMapAClusters() throws Exception {
        for (String command : new String[] {"CLUSTER SLOTS", "CLUSTER SHARDS", "CLUSTER NODES", "READONLY"}) {
            redis.ask("CLUSTER INFO");
            redis.ask("CLUSTER KEYSLOT k");
            assertThat(redis.ask("HELLO")).contains("\"mode\", \"standalone\"");
            assertThat(redis.ask("INFO")).contains("redis_mode:standalone\r\n", "cluster_enabled:1\r\n");
            redis.ask(command);
            assertThat(redis.ask("HELLO")).contains("\"mode\", \"cluster\"");
            assertThat(redis.ask("INFO")).contains("redis_mode:cluster\r\n", "cluster_enabled:1\r\n");
            redis.ask("RESET");
        }
    }

    @Test
    void eachConnectionIsAClustersWhereAllAreRedirected(@TempDir Path another) throws Exception {
        try (RedisNode redirecting = RedisNode.start(another, Map.of("CASKADE_LISTENERS_REDIS_REDIRECT", "true"));
                RawRedis client = redirecting.connect()) {
            String crossSlot = "(error) CROSSSLOT Keys in request don't hash to the same slot";
            assertThat(client.ask("HELLO")).contains("\"mode\", \"cluster\"");
            assertThat(client.ask("MGET a b")).isEqualTo(crossSlot);
            assertThat(client.ask("RESET")).isEqualTo("RESET");
            assertThat(client.ask("MGET a b")).isEqualTo(crossSlot);
            assertThat(client.ask("SET a 1")).isEqualTo("OK");
        }
    }

    @Test
    void readOnlyShowsInTheListOfClients() throws Exception {
        check("""
                > READONLY
                OK
                > GET nothing
                (nil)
                """);
        assertThat(redis.ask("CLIENT INFO")).contains(" flags=r ");
        check("""
                > READWRITE
                OK
                """);
        assertThat(redis.ask("CLIENT INFO")).contains(" flags=N ");
    }

    @Test
    void nobodyElseHoldsWhatASingleNodeWrites() throws Exception {
        check("""
                > SET w 1
                OK
                > WAIT 1 1000
                (integer) 0
                > WAITAOF 1 0 1000
                [(integer) 1, (integer) 0]
                """);
    }
}
