package io.caskade.server.listener.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.redis.command.Clients;
import io.caskade.server.listener.redis.command.CommandPage;
import io.caskade.server.listener.redis.command.NoCommands;
import io.caskade.server.listener.redis.command.ServerStats;
import io.caskade.server.listener.redis.command.SlowLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a connection does with what it reads, without a network.
class RedisConnectionTest {

    private final ByteBudget parsing = new ByteBudget(1 << 20);
    private Clients clients = new Clients(System::nanoTime);
    private final EmbeddedChannel channel = new EmbeddedChannel();

    private void open() {
        open(System::nanoTime, new NoCommands());
    }

    private void open(CommandHandler store) {
        open(System::nanoTime, store);
    }

    private void open(LongSupplier nanoTime) {
        open(nanoTime, new NoCommands());
    }

    private void open(LongSupplier nanoTime, CommandHandler store) {
        channel.pipeline().addLast(new RedisConnection(context(nanoTime, store), channel));
    }

    private RedisListenerContext context(LongSupplier nanoTime, CommandHandler store) {
        return new RedisListenerContext(
                CommandPage.table(parsing, clients, store),
                clients,
                new ServerStats(),
                new SlowLog(),
                parsing,
                new ReadBudget(1 << 20),
                new ForeignProtocols(System::nanoTime),
                1 << 20,
                1_000_000_000L,
                nanoTime);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void receive(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, ISO_8859_1));
    }

    private String sent() {
        ByteBuf next = channel.readOutbound();
        if (next == null) {
            return "";
        }
        try {
            return next.toString(ISO_8859_1);
        } finally {
            next.release();
        }
    }

    private void openAt(AtomicLong nanoTime) {
        clients = new Clients(nanoTime::get);
        open(nanoTime::get);
    }

    @Test
    void aClientThatLeavesDuringAPauseIsNotKept() {
        openAt(new AtomicLong());
        receive("CLIENT PAUSE 1000\r\nPING\r\n");
        assertThat(sent()).isEqualTo("+OK\r\n");

        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        channel.runPendingTasks();

        assertThat(channel.isOpen()).isFalse();
        assertThat(parsing.used()).isZero();
    }

    @Test
    void aPauseKeepsNoConnectionThatIsGone() {
        openAt(new AtomicLong());
        receive("CLIENT PAUSE 1000\r\nPING\r\n");
        assertThat(clients.pause().waiting()).isEqualTo(1);
        assertThat(channel.runScheduledPendingTasks()).isPositive();

        var _ = channel.close();
        channel.runPendingTasks();

        assertThat(clients.pause().waiting()).isZero();
        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
    }

    @Test
    void aPausedCommandWaitsForTheEndOfThePause() {
        AtomicLong nanoTime = new AtomicLong();
        channel.freezeTime();
        openAt(nanoTime);
        receive("CLIENT PAUSE 1000\r\nPING\r\nPING\r\n");
        assertThat(sent()).isEqualTo("+OK\r\n");
        assertThat(channel.config().isAutoRead()).isFalse();

        nanoTime.addAndGet(999_000_000);
        channel.advanceTimeBy(999, TimeUnit.MILLISECONDS);
        channel.runPendingTasks();
        assertThat(sent()).isEmpty();
        nanoTime.addAndGet(1_000_000);
        channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        channel.runPendingTasks();
        // The replies are sent by a task of its own.
        channel.runPendingTasks();

        assertThat(sent()).isEqualTo("+PONG\r\n+PONG\r\n");
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void onlyWritesWaitInAPauseOfWrites() {
        openAt(new AtomicLong());
        receive("CLIENT PAUSE 1000 WRITE\r\nPING\r\nMULTI\r\nGET a\r\nEXEC\r\n");
        assertThat(sent()).startsWith("+OK\r\n+PONG\r\n+OK\r\n+QUEUED\r\n");

        receive("MULTI\r\nSET a 1\r\nEXEC\r\nPING\r\n");

        assertThat(sent()).isEqualTo("+OK\r\n+QUEUED\r\n");
    }

    @Test
    void aPauseIsEndedByAnotherClientAndNeverMadeShorter() {
        openAt(new AtomicLong());
        EmbeddedChannel other = new EmbeddedChannel();
        other.pipeline().addLast(new RedisConnection(context(System::nanoTime, new NoCommands()), other));
        receive("CLIENT PAUSE 1000\r\nPING\r\n");
        assertThat(sent()).isEqualTo("+OK\r\n");

        other.writeInbound(Unpooled.copiedBuffer("CLIENT UNPAUSE\r\n", ISO_8859_1));
        channel.runPendingTasks();
        assertThat(sent()).isEqualTo("+PONG\r\n");

        receive("CLIENT PAUSE 1000 WRITE\r\nCLIENT PAUSE 10 WRITE\r\nDEL a\r\n");
        assertThat(sent()).isEqualTo("+OK\r\n+OK\r\n");
        other.writeInbound(Unpooled.copiedBuffer("CLIENT PAUSE 1 ALL\r\nPING\r\n", ISO_8859_1));
        receive("PING\r\n");
        assertThat(sent()).isEmpty();
        other.finishAndReleaseAll();
    }

    @Test
    void repliesOfOneReadAreSentFromOneBuffer() {
        open();

        receive("PING\r\n".repeat(100));

        assertThat(sent()).isEqualTo("+PONG\r\n".repeat(100));
        assertThat(channel.outboundMessages()).isEmpty();
    }

    @Test
    void repliesOfWritesThatEndTogetherAreSentFromOneBuffer() {
        List<CompletableFuture<CommandHandler.Answer<Command.Result>>> writes = new ArrayList<>();
        open(new NoCommands() {
            @Override
            public CompletionStage<Answer<Command.Result>> writeInOrder(Command command) {
                writes.add(new CompletableFuture<>());
                return writes.getLast();
            }
        });
        receive(RawRedis.command("SET", "a", "1") + RawRedis.command("SET", "b", "2"));

        Command.Result applied = new Command.Result(true, true, 1, 0, null);
        writes.forEach(
                write -> write.complete(new CommandHandler.Answer<>(applied, new CommandHandler.Position(0, 1, 1))));
        channel.runPendingTasks();

        assertThat(sent()).isEqualTo("+OK\r\n+OK\r\n");
        assertThat(channel.outboundMessages()).isEmpty();
    }

    @Test
    void aCommandMayArriveByteByByte() {
        open();
        String command = RawRedis.command("ECHO", "a\r\nb");

        for (int i = 0; i < command.length(); i++) {
            assertThat(sent()).isEmpty();
            receive(command.substring(i, i + 1));
        }

        assertThat(sent()).isEqualTo("$4\r\na\r\nb\r\n");
        assertThat(parsing.used()).isZero();
    }

    @Test
    void aLongReplyIsSentInParts() {
        open();
        String text = "x".repeat(100_000);

        receive(RawRedis.command("ECHO", text));

        StringBuilder reply = new StringBuilder();
        while (!channel.outboundMessages().isEmpty()) {
            reply.append(sent());
        }
        assertThat(reply).hasToString("$100000\r\n" + text + "\r\n");
    }

    @Test
    void nothingIsLeftOfAConnectionThatEndsInTheMiddle() {
        open();
        receive("*2\r\n$4\r\nECHO\r\n$1000\r\nabc");
        assertThat(parsing.used()).isPositive();

        var _ = channel.close();

        assertThat(parsing.used()).isZero();
    }

    @Test
    void afterAProtocolErrorNothingIsCarriedOut() {
        open();

        receive("PING\r\n*x\r\nPING\r\n");
        receive("PING\r\n");

        assertThat(sent()).isEqualTo("+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n");
    }

    @Test
    void whatIsQueuedTakesMemoryUntilTheTransactionEnds() {
        open();
        for (String end : new String[] {"DISCARD", "RESET", "EXEC", "EXEC now"}) {
            receive("MULTI\r\n" + RawRedis.command("SET", "k", "v".repeat(1000)));
            assertThat(parsing.used()).as(end).isBetween(1000L, 2000L);

            receive(end + "\r\n");

            assertThat(parsing.used()).as(end).isZero();
        }
    }

    @Test
    void nothingIsLeftOfATransactionWhoseConnectionEnds() {
        open();
        receive("MULTI\r\n" + RawRedis.command("SET", "k", "v".repeat(1000)));
        assertThat(parsing.used()).isPositive();

        var _ = channel.close();

        assertThat(parsing.used()).isZero();
    }

    @Test
    void aCommandThatDoesNotFitIsNotQueuedAndTheTransactionIsNotExecuted() {
        open();
        ByteBudget.Hold others = Objects.requireNonNull(parsing.tryHold(1 << 20));

        receive("MULTI\r\nPING\r\nEXEC\r\n");

        assertThat(sent())
                .startsWith("+OK\r\n-TRYAGAIN more bytes of commands")
                .endsWith("-EXECABORT Transaction discarded because of previous errors.\r\n");
        others.release();
        assertThat(parsing.used()).isZero();
    }

    /// A command alone may be larger than all that may be received.
    @Test
    void aLargeCommandIsNotCountedTwice() {
        open();
        String command = RawRedis.command("SET", "k", "v".repeat(900_000));
        receive("MULTI\r\n");
        assertThat(sent()).isEqualTo("+OK\r\n");

        receive(command.substring(0, 800_000));
        receive(command.substring(800_000));

        assertThat(sent()).isEqualTo("+QUEUED\r\n");
        assertThat(parsing.used()).isBetween(900_000L, 1_000_000L);
    }
}
