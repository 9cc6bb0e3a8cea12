package io.caskade.server.listener.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.KeySlots;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Three nodes, each of which leads some partitions and follows in the others.
class RedisClusterTest {

    private static final Pattern MOVED = Pattern.compile("\\(error\\) MOVED (\\d+) 127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern RANGE = Pattern.compile(
            "\\[\\(integer\\) (\\d+), \\(integer\\) (\\d+), \\[\"127\\.0\\.0\\.1\", \\(integer\\) (\\d+)");

    @TempDir
    private static Path directory;

    private static RedisCluster cluster;

    private RawRedis redis;

    @BeforeAll
    static void start() throws Exception {
        cluster = RedisCluster.start(directory);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void connect() throws Exception {
        redis = cluster.node(1).connect();
    }

    @AfterEach
    void disconnect() throws Exception {
        redis.close();
    }

    /// Puts the connection into cluster mode.
    private static RawRedis inClusterMode(RawRedis connection) throws Exception {
        assertThat(connection.ask("CLUSTER SLOTS")).startsWith("[[");
        return connection;
    }

    private static int slot(String key) {
        return KeySlots.slotOf(key.getBytes(US_ASCII));
    }

    /// The port of the node that serves a key, by the slot map that a node shows.
    private static int ownerOf(String key, String slots) {
        Matcher ranges = RANGE.matcher(slots);
        while (ranges.find()) {
            if (slot(key) >= Integer.parseInt(ranges.group(1)) && slot(key) <= Integer.parseInt(ranges.group(2))) {
                return Integer.parseInt(ranges.group(3));
            }
        }
        throw new AssertionError("no node serves slot " + slot(key) + ": " + slots);
    }

    /// A key that a node serves, or does not.
    private String key(String prefix, RedisNode node, boolean served) throws Exception {
        try (RawRedis asked = node.connect()) {
            String slots = asked.ask("CLUSTER SLOTS");
            return IntStream.iterate(0, i -> i + 1)
                    .mapToObj(i -> prefix + i)
                    .filter(key -> (ownerOf(key, slots) == node.port()) == served)
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void allNodesShowTheSameSlotMap() throws Exception {
        Set<String> slots = new HashSet<>();
        Set<String> shards = new HashSet<>();
        Set<String> ids = new HashSet<>();
        for (RedisNode node : cluster.nodes()) {
            try (RawRedis asked = node.connect()) {
                slots.add(asked.ask("CLUSTER SLOTS"));
                shards.add(asked.ask("CLUSTER SHARDS"));
                String id = asked.ask("CLUSTER MYID").replace("\"", "");
                ids.add(id);
                assertThat(asked.ask("CLUSTER NODES"))
                        .contains(id + " 127.0.0.1:" + node.port() + "@0 myself,master - 0 0 ")
                        .containsOnlyOnce("myself");
                assertThat(asked.ask("CLUSTER INFO"))
                        .contains("cluster_state:ok\r\n", "cluster_known_nodes:3\r\n", "cluster_size:3\r\n");
            }
        }

        assertThat(slots).hasSize(1);
        assertThat(shards).hasSize(1);
        assertThat(ids).hasSize(3).allMatch(id -> slots.iterator().next().contains(id));
    }

    @Test
    void eachRangeOfSlotsHasItsLeaderAndBothFollowers() throws Exception {
        String slots = redis.ask("CLUSTER SLOTS");

        assertThat(slots.split("\"127.0.0.1\", ", -1).length - 1)
                .isEqualTo(3 * (int) RANGE.matcher(slots).results().count());
        assertThat(redis.ask("CLUSTER SHARDS").split("\"role\", \"master\"", -1))
                .hasSize(4);
        assertThat(redis.ask("CLUSTER SHARDS").split("\"role\", \"replica\"", -1))
                .hasSize(7);
    }

    @Test
    void aClientThatHasNotAskedForTheSlotMapIsAnsweredForAnyKey() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(redis.ask("SET any" + i + " " + i)).isEqualTo("OK");
        }
        assertThat(redis.ask("MGET any1 any2 any3")).isEqualTo("[\"1\", \"2\", \"3\"]");
    }

    @Test
    void aTransactionThatMissesARedirectedCommandFails() throws Exception {
        String here = key("tx-here", cluster.node(1), true);
        String elsewhere = key("tx-elsewhere", cluster.node(1), false);
        inClusterMode(redis);

        assertThat(redis.ask("MULTI")).isEqualTo("OK");
        assertThat(redis.ask("SET " + elsewhere + " 1")).matches(MOVED.pattern());
        assertThat(redis.ask("SET " + here + " 1")).isEqualTo("QUEUED");
        assertThat(redis.ask("EXEC")).isEqualTo("(error) EXECABORT Transaction discarded because of previous errors.");
        assertThat(redis.ask("EXISTS " + here)).isEqualTo("(integer) 0");

        assertThat(redis.ask("MULTI")).isEqualTo("OK");
        assertThat(redis.ask("SET " + here + " 1")).isEqualTo("QUEUED");
        assertThat(redis.ask("EXEC")).isEqualTo("[OK]");
    }

    @Test
    void aClientThatHasIsRedirectedToTheNodeThatLeads() throws Exception {
        String slots = redis.ask("CLUSTER SLOTS");
        int redirected = 0;
        for (int i = 0; i < 50; i++) {
            String key = "moved" + i;
            String reply = redis.ask("SET " + key + " " + i);
            Matcher moved = MOVED.matcher(reply);
            if (moved.matches()) {
                redirected++;
                assertThat(moved.group(1)).isEqualTo(Integer.toString(slot(key)));
                assertThat(moved.group(2)).isEqualTo(Integer.toString(ownerOf(key, slots)));
                try (RawRedis there = inClusterMode(new RawRedis(Integer.parseInt(moved.group(2))))) {
                    assertThat(there.ask("SET " + key + " " + i)).isEqualTo("OK");
                }
            } else {
                assertThat(reply).isEqualTo("OK");
            }
        }
        assertThat(redirected).isBetween(1, 49);
        assertThat(redis.ask("INFO errorstats")).contains("errorstat_MOVED:count=");
    }

    @Test
    void aPipelineIsRedirectedCommandByCommand() throws Exception {
        String here = key("pipe", cluster.node(1), true);
        String there = key("pipe", cluster.node(1), false);
        inClusterMode(redis);

        redis.send("SET " + here + " 1\r\nSET " + there + " 2\r\nINCR " + here + "\r\nMGET " + here + " " + there
                + "\r\nGET " + here + "\r\n");

        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).startsWith("(error) MOVED " + slot(there) + " ");
        assertThat(redis.read()).isEqualTo("(integer) 2");
        assertThat(redis.read()).isEqualTo("(error) CROSSSLOT Keys in request don't hash to the same slot");
        assertThat(redis.read()).isEqualTo("\"2\"");
    }

    @Test
    void afterResetTheClientIsAnsweredForAnyKeyAgain() throws Exception {
        String there = key("reset", cluster.node(1), false);
        inClusterMode(redis);
        assertThat(redis.ask("GET " + there)).startsWith("(error) MOVED ");

        assertThat(redis.ask("RESET")).isEqualTo("RESET");

        assertThat(redis.ask("GET " + there)).isEqualTo("(nil)");
    }

    @Test
    void aReadOnlyClientReadsFromFollowers() throws Exception {
        String key = key("replica", cluster.node(1), false);
        assertThat(redis.ask("SET " + key + " text EX 1000")).isEqualTo("OK");

        assertThat(redis.ask("READONLY")).isEqualTo("OK");

        Awaitility.await("the follower has applied the write")
                .atMost(Duration.ofSeconds(30))
                .until(() -> redis.ask("GET " + key).equals("\"text\""));
        assertThat(redis.ask("MGET " + key + " {" + key + "}x")).isEqualTo("[\"text\", (nil)]");
        assertThat(redis.ask("EXISTS " + key)).isEqualTo("(integer) 1");
        assertThat(redis.ask("STRLEN " + key)).isEqualTo("(integer) 4");
        assertThat(redis.ask("APPEND " + key + " s")).startsWith("(error) MOVED ");
        assertThat(redis.ask("READWRITE")).isEqualTo("OK");
        assertThat(redis.ask("GET " + key)).startsWith("(error) MOVED ");
    }

    @Test
    void aWriteIsOnBothFollowers() throws Exception {
        assertThat(redis.ask("SET wait 1")).isEqualTo("OK");
        assertThat(redis.ask("WAIT 2 1000")).isEqualTo("(integer) 2");
        assertThat(redis.ask("WAITAOF 1 2 1000")).isEqualTo("[(integer) 1, (integer) 2]");
    }

    @Test
    void theKeysOfASlotAreKnownToEachNode() throws Exception {
        for (int i = 0; i < 10; i++) {
            redis.ask("SET {one-slot}" + i + " v");
        }
        for (RedisNode node : cluster.nodes()) {
            try (RawRedis asked = node.connect()) {
                assertThat(asked.ask("CLUSTER COUNTKEYSINSLOT " + slot("one-slot")))
                        .isEqualTo("(integer) 10");
            }
        }
    }

    @Test
    void listingsOfAllNodesTogetherHaveEachKeyOnceForClientsThatHaveAskedForTheSlotMap() throws Exception {
        for (int i = 0; i < 30; i++) {
            redis.ask("SET list:" + i + " v");
        }
        List<String> keys = new ArrayList<>();
        List<String> scanned = new ArrayList<>();
        long count = 0;
        for (RedisNode node : cluster.nodes()) {
            try (RawRedis asked = inClusterMode(node.connect())) {
                keys.addAll(elements(asked.ask("KEYS list:*")));
                scanned.addAll(scan(asked));
                count += Long.parseLong(asked.ask("DBSIZE").replace("(integer) ", ""));
                assertThat(asked.ask("GET " + asked.ask("RANDOMKEY").replace("\"", "")))
                        .as("a key of its own")
                        .startsWith("\"");
            }
        }

        assertThat(keys).hasSize(30).doesNotHaveDuplicates();
        assertThat(scanned).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(redis.ask("DBSIZE")).isEqualTo("(integer) " + count);
        assertThat(elements(redis.ask("KEYS list:*"))).containsExactlyInAnyOrderElementsOf(keys);
    }

    private static List<String> elements(String array) {
        String inside = array.substring(1, array.length() - 1);
        return inside.isEmpty() ? List.of() : List.of(inside.split(", "));
    }

    private static List<String> scan(RawRedis asked) throws Exception {
        List<String> found = new ArrayList<>();
        String cursor = "0";
        do {
            String page = asked.ask("SCAN " + cursor + " MATCH list:* COUNT 7");
            cursor = page.substring(2, page.indexOf('"', 2));
            found.addAll(elements(page.substring(page.indexOf('[', 1), page.length() - 1)));
        } while (!cursor.equals("0"));
        return found;
    }
}
