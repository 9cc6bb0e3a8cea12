package io.caskade.server.listener.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.admin.NodeStatus;
import io.caskade.server.admin.UnusedAdmin;
import io.caskade.server.cluster.CoordinationException;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.http.RawHttp.Reply;
import io.caskade.server.loop.EventLoops;
import io.caskade.server.metrics.NodeMetrics;
import io.caskade.server.replica.Role;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/// The listener over commands that are refused, hang or fail.
class HttpRefusalTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MAX_VALUE_BYTES = 1 << 20;
    private static final int MAX_BODY_BYTES = 2 << 20;
    private static final int MAX_READ_BYTES = 20 << 20;

    /// More than the buffers of a connection take.
    private static final int LARGE_BYTES = 16 << 20;

    private final EventLoops loops = EventLoops.start(2, error -> {
        throw error;
    });
    private final ScriptedCommands commands = new ScriptedCommands();
    private final ScriptedAdmin admin = new ScriptedAdmin();
    private final ReadBudget reads = new ReadBudget(MAX_READ_BYTES);
    private final NodeMetrics metrics = new NodeMetrics(admin, Optional::empty, reads::used);
    private HttpListener listener;
    private RawHttp client;

    private static final class ScriptedCommands implements CommandHandler {

        private static final Position POSITION = new Position(0, 1, 7);

        private volatile @Nullable RuntimeException failure;
        private volatile boolean failsLater;
        private volatile byte[] value = new byte[1];
        private final CompletableFuture<Answer<Command.Result>> written = new CompletableFuture<>();
        private final CompletableFuture<Command> asked = new CompletableFuture<>();

        private <T> CompletionStage<T> failOr(CompletionStage<T> stage) {
            RuntimeException refused = failure;
            if (refused == null) {
                return stage;
            }
            if (failsLater) {
                return CompletableFuture.failedFuture(refused);
            }
            throw refused;
        }

        @Override
        public int partitions() {
            return 1;
        }

        @Override
        public int partitionOf(byte[] key) {
            return 0;
        }

        @Override
        public StartedGet beginGet(byte[] key) {
            CompletionStage<Answer<@Nullable FoundRecord>> found =
                    CompletableFuture.completedStage(new Answer<>(new FoundRecord(key, value, 7, 0, -1), POSITION));
            return new StartedGet.NeedsDisk(value.length, () -> failOr(found));
        }

        @Override
        public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read) {
            return CompletableFuture.completedStage(beginGet(key));
        }

        @Override
        public CompletionStage<Answer<Command.Result>> write(Command command) {
            asked.complete(command);
            return failOr(written);
        }

        @Override
        public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix) {
            return failOr(CompletableFuture.completedStage(new Answer<>(new Page(List.of(), 0), POSITION)));
        }

        @Override
        public CompletionStage<Answer<Long>> count(int partition) {
            return failOr(CompletableFuture.completedStage(new Answer<>(3L, POSITION)));
        }

        @Override
        public long maxPageBytes() {
            return 1 << 20;
        }
    }

    private static final class ScriptedAdmin extends UnusedAdmin {

        private volatile CompletionStage<NodeStatus> status = CompletableFuture.completedStage(status(List.of()));

        static NodeStatus status(List<CopyStatus> copies) {
            return new NodeStatus("node-1", "incarnation", "test", copies);
        }

        @Override
        public CompletionStage<NodeStatus> describe() {
            return status;
        }
    }

    @BeforeEach
    void open() throws Exception {
        listener = HttpListener.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                commands,
                new HttpListener.Cluster("node-1", Optional::empty),
                admin,
                metrics,
                loops,
                reads,
                new HttpListener.Limits(MAX_VALUE_BYTES, MAX_BODY_BYTES));
        client = new RawHttp(listener.port());
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        commands.written.cancel(false);
        listener.close(LONG);
        metrics.close();
        loops.close();
    }

    private void refuse(Reason reason, boolean later) {
        commands.failsLater = later;
        commands.failure = new CommandRefusedException(reason, "partition 0: for a \"reason\"");
    }

    private static int statusOf(Reason reason, boolean write) {
        return switch (reason) {
            case INVALID_ARGUMENT -> 400;
            case WRONG_VALUE, OVERFLOW, CONTEXT_LOST -> 409;
            case NOT_LEADER, NOT_SERVING, NOT_ENOUGH_REPLICAS, BEHIND_CONTEXT, BUSY -> 503;
            case DISK_FULL, KEYDIR_FULL -> 507;
            case OUTCOME_UNKNOWN -> 504;
            case COPY_FENCED -> write ? 504 : 503;
        };
    }

    @ParameterizedTest
    @EnumSource
    void eachReasonOfARefusalHasItsStatus(Reason reason) throws Exception {
        for (boolean later : new boolean[] {false, true}) {
            refuse(reason, later);

            assertRefused(client.put("/v1/kv/a", "x"), reason, true);
            assertRefused(client.get("/v1/kv/a"), reason, false);
            assertRefused(client.get("/v1/kv"), reason, false);
            assertRefused(
                    client.send("DELETE /v1/kv/a HTTP/1.1\r\nHost: x\r\n\r\n").read(), reason, true);
            assertRefused(
                    client.send("POST /v1/kv/a?op=incr HTTP/1.1\r\nHost: x\r\n\r\n")
                            .read(),
                    reason,
                    true);
        }
    }

    private static void assertRefused(Reply reply, Reason reason, boolean write) {
        int status = statusOf(reason, write);
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.text())
                .startsWith("{\"error\":{\"code\":\"" + reason + "\",\"message\":\"partition 0: for a \\\"reason\\\"");
        assertThat(reply.headers().containsKey("retry-after")).isEqualTo(status == 503);
        if (reason == Reason.COPY_FENCED && write) {
            assertThat(reply.text()).contains("the write may have been applied");
        }
    }

    @Test
    void anUnreachableZooKeeperIsNoDefect() throws Exception {
        commands.failure = new CompletionException(new CoordinationException("no session", null));

        Reply reply = client.get("/v1/kv/a");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.text()).contains("NOT_SERVING", "no session");
    }

    @Test
    void aDefectIsLoggedAndNotShown() throws Exception {
        commands.failure = new IllegalStateException("the secret of the node");
        Logger log = (Logger) LoggerFactory.getLogger(HttpListenerContext.class);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        log.addAppender(logged);
        log.setAdditive(false);
        try {
            Reply reply = client.get("/v1/kv/a");

            assertThat(reply.status()).isEqualTo(500);
            assertThat(reply.text())
                    .isEqualTo(
                            "{\"error\":{\"code\":\"INTERNAL\",\"message\":\"internal error; see the node's log\"}}");
            assertThat(logged.list)
                    .singleElement()
                    .satisfies(event ->
                            assertThat(event.getThrowableProxy().getMessage()).isEqualTo("the secret of the node"));
        } finally {
            log.setAdditive(true);
            log.detachAppender(logged);
        }
    }

    @Test
    void valuesThatClientsDoNotReadHoldTheirBytesAndOthersAreRefused() throws Exception {
        commands.value = new byte[LARGE_BYTES];
        String get = "GET /v1/kv/a HTTP/1.1\r\nHost: x\r\nAccept: application/octet-stream\r\n\r\n";
        client.send(get.repeat(4));
        await().until(() -> reads.used() >= LARGE_BYTES);

        try (RawHttp other = new RawHttp(listener.port())) {
            Reply refused = other.get("/v1/kv/a");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.text()).contains("BUSY", "limits.reads");
        }
        for (int i = 0; i < 4; i++) {
            assertThat(client.read().body()).hasSize(LARGE_BYTES);
        }
        await().until(() -> reads.used() == 0);
    }

    @Test
    void aClientThatLeavesBeforeItHasReadGivesItsBytesBack() throws Exception {
        commands.value = new byte[LARGE_BYTES];
        client.send("GET /v1/kv/a HTTP/1.1\r\nHost: x\r\n\r\n".repeat(4));
        await().until(() -> reads.used() > 0);

        client.close();

        await().until(() -> reads.used() == 0);
    }

    @Test
    void bodiesThatAreBeingReceivedAreBounded() throws Exception {
        String head = "PUT /v1/kv/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: "
                + MAX_VALUE_BYTES + "\r\n\r\n";
        byte[] most = new byte[MAX_VALUE_BYTES - 1];
        try (RawHttp second = new RawHttp(listener.port());
                RawHttp third = new RawHttp(listener.port())) {
            client.send(head).send(most);
            second.send(head).send(most);
            await().until(() ->
                    third.get("/metrics").text().contains("\ncaskade_http_body_bytes " + (2.0 * most.length) + "\n"));

            Reply refused = third.send(head).send(new byte[10_000]).read();

            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.text()).contains("BUSY", "limits.in-flight");
        }
    }

    @Test
    void closingWaitsForTheRequestInFlightAndAnswersIt() throws Exception {
        client.send("PUT /v1/kv/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
                + "Content-Length: 1\r\n\r\nx");
        commands.asked.join();
        try (RawHttp idle = new RawHttp(listener.port());
                RawHttp2 http2 = new RawHttp2(listener.port())) {
            assertThat(http2.get("/healthz")).contains("ok");
            assertThat(idle.get("/healthz").status()).isEqualTo(200);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
                try {
                    listener.close(LONG);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(idle.isClosed()).isTrue();
            http2.awaitGoAway();
            assertThat(closed).isNotDone();

            commands.written.complete(new CommandHandler.Answer<>(
                    new Command.Result(true, false, 9, 0, null), ScriptedCommands.POSITION));

            Reply reply = client.read();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.headers()).containsEntry("connection", "close").containsEntry("etag", "\"9\"");
            closed.join();
            assertThat(client.isClosed()).isTrue();
        }
        assertThatThrownBy(() -> new RawHttp(listener.port())).isInstanceOf(ConnectException.class);
    }

    @Test
    void closingAbortsWhatDoesNotEnd() throws Exception {
        client.send("DELETE /v1/kv/a HTTP/1.1\r\nHost: x\r\n\r\n");
        commands.asked.join();

        assertThatThrownBy(() -> listener.close(Duration.ofMillis(50))).isInstanceOf(TimeoutException.class);

        assertThat(client.isClosed()).isTrue();
    }

    private static CopyStatus copy(int partition, Role role, boolean inSync, String problem) {
        return new CopyStatus(partition, "copy", role, 1, 9, 9, 9, inSync, false, false, 0, 0, problem, List.of());
    }

    @Test
    void aNodeIsReadyWhenItServesAndEachCopyLeadsOrIsInSync() throws Exception {
        Reply starting = client.get("/readyz");
        assertThat(starting.status()).isEqualTo(503);
        assertThat(starting.text()).isEqualTo("{\"ready\":false,\"reasons\":[\"the node is starting\"]}");
        assertThat(client.get("/healthz").status()).isEqualTo(200);

        listener.setServing();
        assertThat(client.get("/readyz").text()).contains("a copy that is assigned to this node is not in sync yet");
        listener.setInSync(true);
        admin.status = CompletableFuture.completedStage(ScriptedAdmin.status(
                List.of(copy(0, new Role.Leader(1), true, ""), copy(1, new Role.Follower(), true, ""))));
        assertThat(client.get("/readyz").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "false, '', 'partition 3: not in sync'",
        "true, 'its disk is full', 'partition 3: its disk is full'",
    })
    void aFollowerThatIsNotInSyncOrHasAProblemIsAReason(boolean inSync, String problem, String reason)
            throws Exception {
        listener.setServing();
        admin.status = CompletableFuture.completedStage(
                ScriptedAdmin.status(List.of(copy(3, new Role.Follower(), inSync, problem))));

        Reply reply = client.get("/readyz");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.headers()).containsKey("retry-after");
        assertThat(reply.text()).isEqualTo("{\"ready\":false,\"reasons\":[\"" + reason + "\"]}");
    }

    @Test
    void copiesThatNeitherLeadNorFollowAreReasons() throws Exception {
        listener.setServing();
        admin.status = CompletableFuture.completedStage(ScriptedAdmin.status(List.of(
                copy(0, new Role.Candidate(2), true, ""),
                copy(1, new Role.Resigned(2), true, ""),
                copy(2, new Role.Rebuilding(), true, "empty"),
                copy(3, new Role.Fenced("torn", false), true, "torn"),
                copy(4, new Role.Stopped(), true, ""))));

        assertThat(client.get("/readyz").text())
                .isEqualTo("{\"ready\":false,\"reasons\":[\"partition 0: an election is in progress\","
                        + "\"partition 1: its leadership is being transferred\",\"partition 2: being rebuilt\","
                        + "\"partition 3: torn\",\"partition 4: stopped\"]}");
    }

    @Test
    void aCopyThatDoesNotAnswerIsAReason() throws Exception {
        listener.setServing();
        admin.status = CompletableFuture.failedStage(new TimeoutException());

        assertThat(client.get("/readyz").text()).contains("its disk may hang");
        Reply scraped = client.get("/metrics");
        assertThat(scraped.status()).isEqualTo(200);
        assertThat(scraped.text()).contains("\ncaskade_status_known 0.0\n").doesNotContain("caskade_partition_epoch{");
    }
}
