package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands about connections and the server, as a terminal on the port shows them.
class ServerCommandsTest {

    @RegisterExtension
    private static final RedisNodeExtension NODE = new RedisNodeExtension();

    private RawRedis redis;

    @BeforeEach
    void connect() {
        redis = NODE.redis();
    }

    private void check(String transcript) throws Exception {
        NODE.check(transcript);
    }

    @Test
    void aConnectionIsTried() throws Exception {
        check("""
                > PING
                PONG
                > ping hello
                "hello"
                > PING a b
                (error) ERR wrong number of arguments for 'ping' command
                > ECHO "a b"
                "a b"
                > SELECT 0
                OK
                > SELECT 1
                (error) ERR DB index is out of range
                > SELECT a
                (error) ERR value is not an integer or out of range
                > AUTH secret
                (error) ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?
                > AUTH default secret
                OK
                > AUTH someone secret
                (error) WRONGPASS invalid username-password pair or user is disabled.
                > AUTH a b c
                (error) ERR syntax error
                """);
    }

    @Test
    void whatIsUnknownIsNamed() throws Exception {
        check("""
                > foo
                (error) ERR unknown command 'foo', with args beginning with:\s
                > foo a b
                (error) ERR unknown command 'foo', with args beginning with: 'a' 'b'\s
                > "f\\r\\no" "a\\r\\nb"
                (error) ERR unknown command 'f  o', with args beginning with: 'a  b'\s
                > SUBSCRIBE
                (error) ERR unknown command 'SUBSCRIBE', with args beginning with:\s
                > CLIENT nosuch
                (error) ERR unknown subcommand 'nosuch'. Try CLIENT HELP.
                > CLIENT MAINT_NOTIFICATIONS ON
                (error) ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.
                > CLIENT
                (error) ERR wrong number of arguments for 'client' command
                > CLIENT SETNAME
                (error) ERR wrong number of arguments for 'client|setname' command
                > CONFIG nosuch
                (error) ERR unknown subcommand 'nosuch'. Try CONFIG HELP.
                """);
        assertThat(redis.ask("foo " + "x".repeat(200)))
                .isEqualTo("(error) ERR unknown command 'foo', with args beginning with: '" + "x".repeat(128) + "' ");
    }

    @Test
    void theProtocolIsChosen() throws Exception {
        assertThat(redis.ask("HELLO"))
                .startsWith(
                        "[\"server\", \"redis\", \"version\", \"7.2.4\", \"proto\", (integer) 2, \"id\", (integer) ")
                .endsWith(", \"mode\", \"standalone\", \"role\", \"master\", \"modules\", []]");
        assertThat(redis.ask("HELLO 3 AUTH default x SETNAME me"))
                .startsWith("{\"server\": \"redis\", \"version\": \"7.2.4\", \"proto\": (integer) 3, \"id\": ");
        check("""
                > CLIENT GETNAME
                "me"
                > CONFIG GET save
                {"save": ""}
                > HELLO 4
                (error) NOPROTO unsupported protocol version
                > HELLO a
                (error) ERR Protocol version is not an integer or out of range
                > HELLO 3 WHAT
                (error) ERR Syntax error in HELLO option 'WHAT'
                > HELLO 2 AUTH someone x
                (error) WRONGPASS invalid username-password pair or user is disabled.
                > CONFIG GET save
                {"save": ""}
                > RESET
                RESET
                > CONFIG GET save
                ["save", ""]
                > CLIENT GETNAME
                (nil)
                """);
    }

    @Test
    void clientsTellWhoTheyAre() throws Exception {
        check("""
                > CLIENT SETNAME "a b"
                (error) ERR Client names cannot contain spaces, newlines or special characters.
                > CLIENT SETNAME me
                OK
                > CLIENT SETINFO LIB-NAME jedis
                OK
                > CLIENT SETINFO lib-ver 1.2
                OK
                > CLIENT SETINFO lib-ver "1 2"
                (error) ERR lib-ver cannot contain spaces, newlines or special characters.
                > CLIENT SETINFO what 1
                (error) ERR Unrecognized option 'what'
                > CLIENT NO-EVICT ON
                OK
                > CLIENT NO-TOUCH off
                OK
                > CLIENT NO-TOUCH what
                (error) ERR syntax error
                > CLIENT PAUSE 1 WRITE
                OK
                > CLIENT PAUSE abc
                (error) ERR timeout is not an integer or out of range
                > CLIENT PAUSE -1
                (error) ERR timeout is negative
                > CLIENT PAUSE 1 what
                (error) ERR CLIENT PAUSE mode must be WRITE or ALL
                > CLIENT Pause 1 ALL now
                (error) ERR unknown subcommand or wrong number of arguments for 'Pause'. Try CLIENT HELP.
                > CLIENT UNPAUSE
                OK
                > CLIENT UNBLOCK 7
                (integer) 0
                > CLIENT UNBLOCK 7 error
                (integer) 0
                > CLIENT UNBLOCK a
                (error) ERR value is not an integer or out of range
                > CLIENT UNBLOCK 7 what
                (error) ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR
                > CLIENT GETREDIR
                (integer) -1
                > CLIENT TRACKINGINFO
                ["flags", ["off"], "redirect", (integer) -1, "prefixes", []]
                > CLIENT TRACKING OFF
                OK
                > CLIENT TRACKING OFF BCAST OPTIN OPTOUT NOLOOP PREFIX a
                OK
                > CLIENT TRACKING OFF REDIRECT 1000000
                (error) ERR The client ID you want redirect to does not exist
                > CLIENT TRACKING OFF REDIRECT
                (error) ERR syntax error
                > CLIENT TRACKING ON what
                (error) ERR syntax error
                > CLIENT CACHING YES
                (error) ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled
                > CLIENT TRACKING ON
                (error) ERR client-side caching is not supported: there is no feed of invalidations
                """);
        assertThat(redis.ask("CLIENT INFO"))
                .matches("\"id=\\d+ addr=127\\.0\\.0\\.1:\\d+ laddr=127\\.0\\.0\\.1:" + NODE.port()
                        + " fd=\\d+ name=me age=\\d+ idle=0 flags=e db=0 .* cmd=client\\|info user=default redir=-1"
                        + " resp=2 lib-name=jedis lib-ver=1.2\n\"");
        assertThat(redis.ask("CLIENT LIST")).contains("cmd=client|list");
        assertThat(redis.ask("CLIENT LIST TYPE pubsub")).isEqualTo("\"\"");
        assertThat(redis.ask("CLIENT LIST TYPE what")).isEqualTo("(error) ERR Unknown client type 'what'");
        assertThat(redis.ask("CLIENT LIST ID 0 -1")).isEqualTo("\"\"");
        assertThat(redis.ask("CLIENT LIST ID a")).isEqualTo("(error) ERR Invalid client ID");
    }

    @Test
    void clientsAreKilled() throws Exception {
        try (RawRedis other = NODE.connect();
                RawRedis third = NODE.connect()) {
            String id = other.ask("CLIENT ID").replace("(integer) ", "");
            String address = "127.0.0.1:" + third.socket().getLocalPort();
            assertThat(third.ask("PING")).isEqualTo("PONG");

            assertThat(redis.ask("CLIENT KILL ID " + id)).isEqualTo("(integer) 1");
            assertThat(redis.ask("CLIENT KILL " + address)).isEqualTo("OK");

            assertThat(other.isClosed()).isTrue();
            assertThat(third.isClosed()).isTrue();
            await().untilAsserted(
                            () -> assertThat(redis.ask("CLIENT LIST ID " + id)).isEqualTo("\"\""));
        }
        check("""
                > CLIENT KILL 1.2.3.4:5
                (error) ERR No such client
                > CLIENT KILL ID 0
                (error) ERR client-id should be greater than 0
                > CLIENT KILL USER someone
                (error) ERR No such user 'someone'
                > CLIENT KILL TYPE pubsub
                (integer) 0
                > CLIENT KILL ID 1 WHAT
                (error) ERR syntax error
                """);
        assertThat(redis.ask("CLIENT KILL SKIPME no")).isEqualTo("(integer) 1");
        assertThat(redis.isClosed()).isTrue();
    }

    @Test
    void slowCommandsAreLogged() throws Exception {
        redis.command(List.of("CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "3"));
        redis.ask("CLIENT SETNAME me");
        redis.ask("SET k " + "v".repeat(130));
        redis.ask("DEL" + " key".repeat(40));
        redis.ask("CONFIG SET slowlog-log-slower-than -1");

        String entry = "\\[\\(integer\\) \\d+, \\(integer\\) \\d{10}, \\(integer\\) \\d+, \\[%s], "
                + "\"127.0.0.1:\\d+\", \"me\"]";
        String deleted = "\"DEL\"" + ", \"key\"".repeat(30) + ", \"... \\(10 more arguments\\)\"";
        String set = "\"SET\", \"k\", \"v{128}... \\(2 more bytes\\)\"";
        assertThat(redis.ask("SLOWLOG GET 2"))
                .matches("\\[" + entry.formatted(deleted) + ", " + entry.formatted(set) + "]");
        check("""
                > SLOWLOG LEN
                (integer) 3
                > SLOWLOG GET 0
                []
                > SLOWLOG GET -2
                (error) ERR count should be greater than or equal to -1
                > SLOWLOG GET a
                (error) ERR count should be greater than or equal to -1
                > SLOWLOG GET 1 2
                (error) ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.
                > SLOWLOG RESET
                OK
                > SLOWLOG LEN
                (integer) 0
                > CONFIG SET SlowLog-max-len a
                (error) ERR CONFIG SET failed (possibly related to argument 'slowlog-max-len') - argument couldn't be parsed into an integer
                > CONFIG SET slowlog-max-len -1
                (error) ERR CONFIG SET failed (possibly related to argument 'slowlog-max-len') - argument must be between 0 and 9223372036854775807 inclusive
                > CONFIG GET slowlog-*
                ["slowlog-log-slower-than", "-1", "slowlog-max-len", "3"]
                """);
    }

    @Test
    void passwordsAreNotLogged() throws Exception {
        redis.command(List.of("CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "10"));
        redis.ask("AUTH default secret");
        redis.ask("HELLO 2 AUTH default secret SETNAME me");
        redis.ask("CONFIG SET slowlog-log-slower-than -1");

        assertThat(redis.ask("SLOWLOG GET"))
                .contains(
                        "[\"AUTH\", \"(redacted)\", \"(redacted)\"]",
                        "[\"HELLO\", \"2\", \"AUTH\", \"(redacted)\", \"(redacted)\", \"SETNAME\", \"me\"]")
                .doesNotContain("secret");
        redis.ask("SLOWLOG RESET");
    }

    @Test
    void repliesThatAreTurnedOnAreNotSkipped() throws Exception {
        redis.send("CLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\nPING\r\n");

        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("PONG");
    }

    @Test
    void aClientShowsWhatItHasSent() throws Exception {
        assertThat(redis.command(List.of("CLIENT", "INFO"))).contains(" qbuf=26 ");
    }

    @Test
    void repliesAreTurnedOff() throws Exception {
        redis.send("CLIENT REPLY OFF\r\nPING\r\nNOSUCH\r\nSET r 1\r\nCLIENT REPLY ON\r\n");
        assertThat(redis.read()).isEqualTo("OK");
        redis.send("CLIENT REPLY SKIP\r\nGET r\r\nINCR r\r\n");
        assertThat(redis.read()).isEqualTo("(integer) 2");
        assertThat(redis.ask("CLIENT REPLY what")).isEqualTo("(error) ERR syntax error");
    }

    @Test
    void aClientThatSendsNoMoreGetsAllReplies() throws Exception {
        redis.send("PING\r\n" + "SET half 1\r\nINCR half\r\n".repeat(20) + "GET half\r\nPING\r\nPI");
        redis.socket().shutdownOutput();

        assertThat(redis.read()).isEqualTo("PONG");
        for (int i = 0; i < 20; i++) {
            assertThat(redis.read()).isEqualTo("OK");
            assertThat(redis.read()).isEqualTo("(integer) 2");
        }
        assertThat(redis.read()).isEqualTo("\"2\"");
        assertThat(redis.read()).isEqualTo("PONG");
        assertThat(redis.isClosed()).isTrue();
    }

    @Test
    void quitAnswersAndCloses() throws Exception {
        redis.send("SET quit 1\r\nQUIT\r\nSET quit 2\r\n");

        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.isClosed()).isTrue();
        try (RawRedis other = NODE.connect()) {
            assertThat(other.ask("GET quit")).isEqualTo("\"1\"");
        }
    }

    @Test
    void theServerDescribesItself() throws Exception {
        String info = redis.ask("INFO");
        assertThat(info)
                .contains(
                        "# Server\r\nredis_version:7.2.4\r\n",
                        "\r\nredis_mode:standalone\r\n",
                        "\r\ntcp_port:" + NODE.port() + "\r\n",
                        "\r\nmaxmemory_policy:noeviction\r\n",
                        "\r\nrole:master\r\n",
                        "\r\nloading:0\r\n",
                        "\r\n\r\n# Clients\r\n",
                        "# Cluster\r\ncluster_enabled:1\r\n",
                        "# Keyspace\r\n");
        redis.ask("SET info 1");
        assertThat(redis.ask("INFO keyspace")).matches("\"# Keyspace\r\ndb0:keys=\\d+,expires=0,avg_ttl=0\r\n\"");
        assertThat(redis.ask("INFO server clients"))
                .contains("# Server", "# Clients")
                .doesNotContain("# Memory", "# Keyspace");
        assertThat(redis.ask("INFO nosuch")).isEqualTo("\"\"");
        assertThat(redis.ask("TIME")).matches("\\[\"\\d+\", \"\\d+\"]");
        for (String lolwut :
                List.of("", " 1 2", " VERSION", " version 5 1 2 3 x", " VERSION 6 1 2 x", " VERSION 7 x")) {
            assertThat(redis.ask("LOLWUT" + lolwut)).contains("Redis ver. 7.2.4");
        }
        for (String lolwut : List.of("VERSION x", "VERSION 5 x", "VERSION 5 1 2 x", "VERSION 6 1 x")) {
            assertThat(redis.ask("LOLWUT " + lolwut)).isEqualTo("(error) ERR value is not an integer or out of range");
        }
        check("""
                > ROLE
                ["master", (integer) 0, []]
                > ACL WHOAMI
                "default"
                > LATENCY LATEST
                []
                > LATENCY GRAPH command
                (error) ERR No samples available for event 'command'
                > LATENCY HISTOGRAM get
                []
                > LATENCY RESET
                (integer) 0
                > DEBUG SLEEP 0.01
                OK
                > MEMORY USAGE nosuch SAMPLES 1 SAMPLES 2
                (nil)
                > MEMORY USAGE nosuch SAMPLES x SAMPLES
                (error) ERR value is not an integer or out of range
                > MEMORY USAGE nosuch
                (nil)
                > SET usage 0123456789
                OK
                > MEMORY USAGE usage SAMPLES 0
                (integer) 95
                """);
        assertThat(redis.ask("DEL info usage")).isEqualTo("(integer) 2");
    }

    @Test
    void parametersAreRead() throws Exception {
        check("""
                > CONFIG GET appendonly
                ["appendonly", "yes"]
                > CONFIG GET MAXMEMORY*
                ["maxmemory", "0", "maxmemory-policy", "noeviction"]
                > CONFIG GET nosuch
                []
                > CONFIG SET appendonly yes
                OK
                > CONFIG SET appendonly no
                (error) ERR CONFIG SET failed (possibly related to argument 'appendonly') - can't set immutable config
                > CONFIG SET nosuch 1
                (error) ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'
                > CONFIG SET maxmemory 1 MaxMemory 2
                (error) ERR CONFIG SET failed (possibly related to argument 'MaxMemory') - duplicate parameter
                > CONFIG SET daemonize yes
                (error) ERR CONFIG SET failed (possibly related to argument 'daemonize') - can't set immutable config
                > CONFIG SET save "" hz
                (error) ERR syntax error
                > CONFIG REWRITE
                (error) ERR The server is running without a config file
                > CONFIG RESETSTAT
                OK
                """);
        assertThat(redis.ask("INFO stats")).contains("total_commands_processed:1\r\n");
    }

    @Test
    void commandsAreDescribed() throws Exception {
        check("""
                > COMMAND GETKEYS GET k
                ["k"]
                > COMMAND GETKEYS MGET a b c
                ["a", "b", "c"]
                > COMMAND GETKEYS MEMORY USAGE k
                ["k"]
                > COMMAND GETKEYS PING
                (error) ERR The command has no key arguments
                > COMMAND GETKEYS NOSUCH
                (error) ERR Invalid command specified
                > COMMAND GETKEYS GET
                (error) ERR Invalid number of arguments specified for command
                > COMMAND GETKEYSANDFLAGS RENAME a b
                [["a", [RW, access, delete]], ["b", [OW, update]]]
                > COMMAND GETKEYSANDFLAGS BITOP AND a b c
                [["a", [OW, update]], ["b", [RO, access]], ["c", [RO, access]]]
                > COMMAND GETKEYSANDFLAGS SET a 1 EX 7
                [["a", [OW, update]]]
                > COMMAND GETKEYSANDFLAGS SET a 1 GET
                [["a", [RW, access, update]]]
                > COMMAND GETKEYSANDFLAGS STRLEN a
                [["a", [RO]]]
                > COMMAND GETKEYSANDFLAGS PING
                (error) ERR The command has no key arguments
                > COMMAND LIST FILTERBY PATTERN getr*
                ["getrange"]
                > COMMAND LIST FILTERBY PATTERN object|*q
                ["object|freq"]
                > COMMAND LIST FILTERBY ACLCAT bitmap
                ["bitcount", "bitfield", "bitfield_ro", "bitop", "bitpos", "getbit", "setbit"]
                > COMMAND LIST FILTERBY MODULE x
                []
                > COMMAND INFO nosuch
                [(nil)]
                > COMMAND DOCS nosuch
                []
                """);
        assertThat(redis.ask("COMMAND INFO get"))
                .startsWith("[[\"get\", (integer) 2, [fast, readonly], (integer) 1, (integer) 1, (integer) 1, "
                        + "[@fast, @read, @string], [], [[");
        assertThat(redis.ask("COMMAND DOCS get"))
                .isEqualTo("[\"get\", [\"summary\", \"Returns a key's value.\", \"since\", \"1.0.0\", \"group\","
                        + " \"string\", \"complexity\", \"O(1)\", \"arguments\","
                        + " [[\"name\", \"key\", \"type\", \"key\", \"display_text\", \"key\", \"key_spec_index\","
                        + " (integer) 0]]]]");
        assertThat(redis.ask("COMMAND DOCS getex"))
                .contains("\"arguments\", [[\"name\", \"key\", \"type\", \"key\", \"display_text\", \"key\","
                        + " \"key_spec_index\", (integer) 0], [\"name\", \"expiration\", \"type\", \"oneof\","
                        + " \"flags\", [optional], \"arguments\", [[\"name\", \"seconds\", \"type\", \"integer\","
                        + " \"display_text\", \"seconds\", \"token\", \"EX\"]");
        assertThat(redis.ask("COMMAND DOCS rename"))
                .contains("\"key\", \"key_spec_index\", (integer) 0]", "\"newkey\", \"key_spec_index\", (integer) 1]");
        assertThat(redis.ask("COMMAND COUNT")).matches("\\(integer\\) \\d{2,3}");
        assertThat(redis.ask("COMMAND")).contains("client|setinfo");
        assertThat(redis.ask("CLIENT HELP")).contains(", PAUSE <timeout> [WRITE|ALL], ");
        assertThat(redis.ask("CLIENT HELP")).startsWith("[CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\n", "Host: a\r\n", "get /k http/1.0\r\n"
            })
    void httpIsClosed(String request) throws Exception {
        redis.send(request);

        assertThat(redis.isClosed()).isTrue();
    }

    @Test
    void aProtocolErrorIsAnsweredInItsTurnAndCloses() throws Exception {
        redis.send("SET e 1\r\n*1\r\n$a\r\nPING\r\n");

        assertThat(redis.read()).isEqualTo("OK");
        assertThat(redis.read()).isEqualTo("(error) ERR Protocol error: invalid bulk length");
        assertThat(redis.isClosed()).isTrue();
    }

    @Test
    void aBulkStringThatIsTooLongIsRefusedUnread() throws Exception {
        int most = RedisNode.MAX_VALUE_BYTES + 65_535;
        redis.send("*2\r\n$4\r\nECHO\r\n$" + (most + 1) + "\r\n");

        assertThat(redis.read()).isEqualTo("(error) ERR Protocol error: invalid bulk length");
        assertThat(redis.isClosed()).isTrue();
    }
}
