package io.caskade.server.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.NodeInfo;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import io.caskade.server.loop.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Commands on their way to the leader, while leaders come and go.
class CommandProxyTest {

    private static final long TIME_MILLIS = 1_000;
    private static final long MAX_BYTES = 1_000;
    private static final CommandHandler.Position POSITION = new CommandHandler.Position(0, 3, 9);
    private static final CommandHandler.Answer<Command.Result> DONE =
            new CommandHandler.Answer<>(new Command.Result(true, true, 9, 0, null), POSITION, "a");

    private final ManualLoop loop = new ManualLoop();
    private final ScriptedPeers peers = new ScriptedPeers();
    private final LocalCommands local = new LocalCommands();
    private final ByteBudget shared = new ByteBudget(Long.MAX_VALUE);
    private final CommandProxy proxy = new CommandProxy(new CommandProxy.Dependencies(
            new NodeIncarnation("b", "b-1"),
            local,
            peers,
            _ -> loop,
            Runnable::run,
            () -> loop.now,
            new Random(1),
            MAX_BYTES,
            shared));
    private final CommandHandler commands = proxy.commands(() -> TIME_MILLIS);

    /// A loop whose time passes when it is told to.
    private static final class ManualLoop implements EventLoop {
        private record Later(long at, Runnable task) {}

        private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparingLong(Later::at));
        private final Queue<Runnable> tasks = new ArrayDeque<>();
        private long now;

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public void executeAfter(long millis, Runnable task) {
            later.add(new Later(now + millis, task));
        }

        @Override
        public void onTurnEnd(Runnable action) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void removeTurnEnd(Runnable action) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T extends @Nullable Object> T await(CompletableFuture<T> future) {
            throw new UnsupportedOperationException();
        }

        void run() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }

        void pass(long millis) {
            run();
            long end = now + millis;
            for (Later next = later.peek(); next != null && next.at() <= end; next = later.peek()) {
                later.remove();
                now = next.at();
                next.task().run();
                run();
            }
            now = end;
        }
    }

    /// Keeps what it is asked.
    private static final class ScriptedPeers implements PeerCommands {
        private final List<String> asked = new ArrayList<>();
        private CompletableFuture<CommandHandler.Answer<Command.Result>> written = new CompletableFuture<>();
        private CompletableFuture<CommandHandler.Answer<WriteBatch.Result>> batchWritten = new CompletableFuture<>();
        private CompletableFuture<CommandHandler.StartedGet> got = new CompletableFuture<>();
        private boolean broken;

        @Override
        public Attempt<CommandHandler.StartedGet> get(
                NodeInfo node, byte[] key, @Nullable ReplicaRead read, boolean withoutValue, long timeoutMillis) {
            asked.add(withoutValue ? node.id() + " without value" : node.id());
            got = new CompletableFuture<>();
            CompletableFuture<CommandHandler.StartedGet> answer = got;
            return new Attempt<>(
                    answer, () -> answer.completeExceptionally(new UnansweredException(true, "was canceled")));
        }

        @Override
        public Attempt<CommandHandler.Answer<Command.Result>> write(NodeInfo node, Command command, long timeout) {
            asked.add(node.id());
            if (broken) {
                throw new IllegalStateException("no such host");
            }
            written = new CompletableFuture<>();
            CompletableFuture<CommandHandler.Answer<Command.Result>> answer = written;
            return new Attempt<>(
                    answer, () -> answer.completeExceptionally(new UnansweredException(true, "was canceled")));
        }

        @Override
        public Attempt<CommandHandler.Answer<WriteBatch.Result>> write(NodeInfo node, WriteBatch batch, long timeout) {
            asked.add(node.id());
            batchWritten = new CompletableFuture<>();
            CompletableFuture<CommandHandler.Answer<WriteBatch.Result>> answer = batchWritten;
            return new Attempt<>(
                    answer, () -> answer.completeExceptionally(new UnansweredException(true, "was canceled")));
        }

        @Override
        public Attempt<CommandHandler.Answer<CommandHandler.Page>> scan(
                NodeInfo node, int partition, long position, int limit, byte[] prefix, long timeoutMillis) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Attempt<CommandHandler.Answer<Long>> count(NodeInfo node, int partition, long timeoutMillis) {
            throw new UnsupportedOperationException();
        }
    }

    /// This node's copy, which refuses at first.
    private static final class LocalCommands implements CommandHandler {
        private int refusals;
        private Reason reason = Reason.NOT_LEADER;

        private void refuse() {
            if (refusals > 0) {
                refusals--;
                throw new CommandRefusedException(reason, "partition 0: not now");
            }
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
            refuse();
            return new StartedGet.Answered(0, CompletableFuture.completedStage(new Answer<>(null, POSITION)));
        }

        @Override
        public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read) {
            return CompletableFuture.completedStage(beginGet(key));
        }

        @Override
        public CompletionStage<Answer<Command.Result>> write(Command command) {
            refuse();
            return CompletableFuture.completedStage(
                    new Answer<>(new Command.Result(true, false, 8, 0, null), POSITION));
        }

        @Override
        public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch) {
            refuse();
            return CompletableFuture.completedStage(new Answer<>(new WriteBatch.Result(-1, List.of()), POSITION));
        }

        @Override
        public CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix) {
            refuse();
            return CompletableFuture.completedStage(new Answer<>(new Page(List.of(), 0), POSITION));
        }

        @Override
        public CompletionStage<Answer<Long>> count(int partition) {
            refuse();
            return CompletableFuture.completedStage(new Answer<>(3L, POSITION));
        }

        @Override
        public long maxPageBytes() {
            return 0;
        }
    }

    private static Command put(int bytes) {
        return new Command.Put(
                "key".getBytes(UTF_8), new byte[bytes], new Command.Expiry.Never(), new Command.Condition.None());
    }

    private CompletableFuture<CommandHandler.Answer<Command.Result>> write() {
        CompletableFuture<CommandHandler.Answer<Command.Result>> written =
                commands.write(put(1)).toCompletableFuture();
        loop.run();
        return written;
    }

    private void observe(@Nullable String leader) {
        proxy.imageChanged(ForwardingPlanTest.image(leader, "a", "b", "c"));
        loop.run();
    }

    private static Reason refusalOf(CompletableFuture<?> answer) {
        assertThat(answer).isCompletedExceptionally();
        Throwable failure = answer.exceptionNow();
        assertThat(failure instanceof CompletionException ? failure.getCause() : failure)
                .isInstanceOf(CommandRefusedException.class);
        return ((CommandRefusedException) failure).reason();
    }

    @Test
    void aLeaderAnswersItself() {
        observe("b");

        assertThat(write().join().servedBy()).isNull();
        assertThat(peers.asked).isEmpty();
        assertThat(proxy.forwarded()).isZero();
    }

    @Test
    void anotherLeaderIsAskedAndNamed() {
        observe("a");
        CompletableFuture<CommandHandler.Answer<Command.Result>> written = write();

        peers.written.complete(DONE);
        loop.run();

        assertThat(written.join().servedBy()).isEqualTo("a");
        assertThat(peers.asked).containsExactly("a");
        assertThat(proxy.forwarded()).isOne();
        assertThat(shared.used()).isZero();
    }

    private CompletableFuture<CommandHandler.Answer<WriteBatch.Result>> writeBatch() {
        CompletableFuture<CommandHandler.Answer<WriteBatch.Result>> written = commands.write(
                        new WriteBatch(List.of(), List.of(put(1), put(2))))
                .toCompletableFuture();
        loop.run();
        return written;
    }

    @Test
    void aBatchGoesToTheLeaderAsAWhole() {
        observe("b");
        assertThat(writeBatch().join().servedBy()).isNull();
        observe("a");
        CompletableFuture<CommandHandler.Answer<WriteBatch.Result>> written = writeBatch();

        peers.batchWritten.complete(new CommandHandler.Answer<>(new WriteBatch.Result(-1, List.of()), POSITION, "a"));
        loop.run();

        assertThat(written.join().servedBy()).isEqualTo("a");
        assertThat(peers.asked).containsExactly("a");
        assertThat(shared.used()).isZero();
    }

    @Test
    void aBatchWhoseLeaderDoesNotAnswerIsUnknownAndNotRepeated() {
        observe("a");
        CompletableFuture<CommandHandler.Answer<WriteBatch.Result>> written = writeBatch();

        peers.batchWritten.completeExceptionally(new UnansweredException(true, "did not answer in time"));
        loop.run();

        assertThat(refusalOf(written)).isEqualTo(Reason.OUTCOME_UNKNOWN);
        assertThat(peers.asked).containsExactly("a");
    }

    @Test
    void anEmptyBatchIsRefusedHere() {
        observe("a");
        local.refusals = 1;
        local.reason = Reason.INVALID_ARGUMENT;

        assertThatThrownBy(() -> commands.write(new WriteBatch(List.of(), List.of())))
                .isInstanceOf(CommandRefusedException.class);
        assertThat(peers.asked).isEmpty();
    }

    @Test
    void aNewLeaderIsAskedAsSoonAsItIsKnown() {
        observe("a");
        CompletableFuture<CommandHandler.Answer<Command.Result>> written = write();
        peers.written.completeExceptionally(new UnansweredException(false, "could not be connected to"));
        loop.run();
        assertThat(peers.asked).containsExactly("a");

        observe("c");
        assertThat(peers.asked).containsExactly("a", "c");
        peers.written.complete(DONE);
        loop.run();

        assertThat(written).isCompletedWithValue(DONE);
    }

    @Test
    void aRequestThatFindsNoLeaderWaitsForOneAndThisNodeMayBeIt() {
        observe(null);
        CompletableFuture<CommandHandler.Answer<Command.Result>> written = write();
        loop.pass(TIME_MILLIS / 2);
        assertThat(written).isNotDone();

        local.refusals = 2;
        local.reason = Reason.NOT_SERVING;
        observe("b");
        assertThat(written).isNotDone();
        loop.pass(TIME_MILLIS / 2);

        assertThat(written.join().servedBy()).isNull();
        assertThat(peers.asked).isEmpty();
    }

    @Test
    void aLeaderThatIsDeposedMeanwhilePassesOn() {
        observe("b");
        local.refusals = 1;
        CompletableFuture<CommandHandler.Answer<Command.Result>> written = write();
        assertThat(written).isDone();
        local.refusals = 100;
        CompletableFuture<CommandHandler.Answer<Command.Result>> passedOn = write();

        observe("a");
        peers.written.complete(DONE);
        loop.run();

        assertThat(passedOn).isCompletedWithValue(DONE);
    }

    @Test
    void nothingWaitsLongerThanItsCaller() {
        observe(null);
        CompletableFuture<CommandHandler.Answer<Command.Result>> written = write();

        loop.pass(TIME_MILLIS);

        assertThat(refusalOf(written)).isEqualTo(Reason.NOT_SERVING);
        assertThat(shared.used()).isZero();
    }

    @Test
    void aWriteToAnOvertakenLeaderIsUnknownAndAReadGoesToTheNewOne() {
        observe("a");
        CompletableFuture<CommandHandler.Answer<Command.Result>> written = write();
        observe("c");
        loop.pass(50);
        assertThat(written).isNotDone();
        loop.pass(50);
        assertThat(refusalOf(written)).isEqualTo(Reason.OUTCOME_UNKNOWN);
        assertThat(peers.asked).containsExactly("a");

        CommandHandler.StartedGet read = commands.beginGet("key".getBytes(UTF_8));
        loop.run();
        observe("a");
        loop.pass(200);
        peers.got.complete(new CommandHandler.StartedGet.Answered(
                0, CompletableFuture.completedStage(new CommandHandler.Answer<>(null, POSITION, "a"))));
        loop.run();
        assertThat(read.finish().toCompletableFuture().join().servedBy()).isEqualTo("a");
        assertThat(peers.asked).containsExactly("a", "c", "a");
    }

    @Test
    void anotherNodeIsToldWhenTheValueIsNotNeeded() {
        observe("c");
        CommandHandler.StartedGet read = commands.beginGetInfo("key".getBytes(UTF_8));
        loop.run();
        peers.got.complete(new CommandHandler.StartedGet.Answered(
                0, CompletableFuture.completedStage(new CommandHandler.Answer<>(null, POSITION, "c"))));
        loop.run();

        assertThat(read.finish().toCompletableFuture().join().servedBy()).isEqualTo("c");
        assertThat(peers.asked).containsExactly("c without value");
    }

    @Test
    void theBytesOnTheirWayAreBounded() {
        observe("a");
        CompletionStage<?> first = commands.write(put((int) MAX_BYTES / 2));
        loop.run();
        assertThat(shared.used()).isGreaterThanOrEqualTo(MAX_BYTES / 2);

        assertThatThrownBy(() -> commands.write(put((int) MAX_BYTES / 2)))
                .isInstanceOfSatisfying(CommandRefusedException.class, busy -> {
                    assertThat(busy.reason()).isEqualTo(Reason.BUSY);
                    assertThat(busy.getMessage()).contains("limits.in-flight");
                });

        peers.written.complete(DONE);
        loop.run();
        assertThat(first.toCompletableFuture()).isDone();
        assertThat(shared.used()).isZero();
    }

    @Test
    void aDefectOfTheNetworkLeavesNoneWaiting() {
        observe("a");
        peers.broken = true;

        assertThat(write().exceptionNow()).isInstanceOf(IllegalStateException.class);
        assertThat(shared.used()).isZero();
    }

    @Test
    void aNodeThatShutsDownKeepsNoneWaiting() {
        observe(null);
        CompletableFuture<CommandHandler.Answer<Command.Result>> written = write();

        proxy.stop();
        loop.run();

        assertThat(refusalOf(written)).isEqualTo(Reason.NOT_SERVING);
    }

    @Test
    void whatMustNotBePassedOnIsAnsweredOrRefusedHere() {
        observe("a");
        CommandHandler own = proxy.ownCommands();
        assertThat(own.write(put(1)).toCompletableFuture().join().servedBy()).isNull();
        local.refusals = 5;

        assertThatThrownBy(() -> own.write(put(1))).isInstanceOf(CommandRefusedException.class);
        assertThatThrownBy(() -> own.beginGet("key".getBytes(UTF_8))).isInstanceOf(CommandRefusedException.class);
        assertThatThrownBy(() -> own.count(0)).isInstanceOf(CommandRefusedException.class);
        CompletableFuture<?> read =
                own.beginGet("key".getBytes(UTF_8), ReplicaRead.EVENTUAL).toCompletableFuture();
        loop.run();
        assertThat(refusalOf(read)).isEqualTo(Reason.NOT_LEADER);
        assertThat(peers.asked).isEmpty();
    }
}
