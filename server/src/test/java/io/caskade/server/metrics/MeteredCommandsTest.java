package io.caskade.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MeteredCommandsTest {

    private static final byte[] KEY = {1};
    private static final CommandHandler.Position POSITION = new CommandHandler.Position(0, 1, 1);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ScriptedCommands commands = new ScriptedCommands();
    private long now;
    private final MeteredCommands metered =
            new MeteredCommands(commands, new RequestTimers(registry, "grpc"), () -> now);

    private static final class ScriptedCommands implements CommandHandler {

        private final Queue<CompletionStage<?>> stages = new ArrayDeque<>();
        private @Nullable RuntimeException refusal;
        private boolean onDisk;

        @SuppressWarnings("unchecked")
        private <T> CompletionStage<T> next() {
            if (refusal != null) {
                throw refusal;
            }
            return (CompletionStage<T>) stages.remove();
        }

        @Override
        public int partitions() {
            return 5;
        }

        @Override
        public int partitionOf(byte[] key) {
            return 3;
        }

        @Override
        public StartedGet beginGet(byte[] key) {
            if (onDisk) {
                return new StartedGet.NeedsDisk(9, this::next);
            }
            return new StartedGet.Answered(8, next());
        }

        @Override
        public CompletionStage<StartedGet> beginGet(byte[] key, ReplicaRead read) {
            return next();
        }

        @Override
        public CompletionStage<Answer<Command.Result>> write(Command command) {
            return next();
        }

        @Override
        public CompletionStage<Answer<WriteBatch.Result>> write(WriteBatch batch) {
            return next();
        }

        @Override
        public CompletionStage<Answer<Page>> scan(int partition, long position, int limit, byte[] prefix) {
            return next();
        }

        @Override
        public CompletionStage<Answer<Long>> count(int partition) {
            return next();
        }

        @Override
        public long maxPageBytes() {
            return 7;
        }
    }

    private Timer timer(String operation, String outcome) {
        return registry.get("caskade.requests")
                .tags("protocol", "grpc", "operation", operation, "outcome", outcome)
                .timer();
    }

    @Test
    void aWriteIsCountedWhenItIsAnswered() {
        CompletableFuture<CommandHandler.Answer<Command.Result>> answer = new CompletableFuture<>();
        commands.stages.add(answer);
        now = TimeUnit.MILLISECONDS.toNanos(5);
        var written = metered.write(new Command.Put(KEY, KEY, new Expiry.Never(), new Condition.None()));
        assertThat(registry.find("caskade.requests").timer()).isNull();

        now = TimeUnit.MILLISECONDS.toNanos(8);
        answer.complete(new CommandHandler.Answer<>(new Command.Result(true, false, 1, 0, null), POSITION));

        assertThat(written.toCompletableFuture()).isCompleted();
        assertThat(timer("put", "ok").count()).isEqualTo(1);
        assertThat(timer("put", "ok").totalTime(TimeUnit.MILLISECONDS)).isEqualTo(3);
    }

    @Test
    void eachCommandHasItsName() {
        List<Command> all = List.of(
                new Command.Delete(KEY, new Condition.None()),
                new Command.Expire(KEY, new Expiry.Never()),
                new Command.Persist(KEY),
                new Command.Increment(KEY, 1),
                new Command.CompareAndSet(KEY, new Command.Expectation.Absent(), KEY, new Expiry.Never()));
        for (Command command : all) {
            commands.stages.add(CompletableFuture.completedFuture(null));
            metered.write(command);
        }
        commands.stages.add(CompletableFuture.completedFuture(null));
        metered.write(new WriteBatch(List.of(), all));
        commands.stages.add(CompletableFuture.completedFuture(null));
        metered.scan(0, 0, 1, KEY);

        for (String name :
                List.of("delete", "expire", "persist", "increment", "compare_and_set", "write_batch", "scan")) {
            assertThat(timer(name, "ok").count()).as(name).isEqualTo(1);
        }
    }

    @Test
    void aGetIsCountedWhenItIsFinishedWhereverItsRecordIs() {
        commands.stages.add(CompletableFuture.completedFuture(null));
        CommandHandler.StartedGet answered = metered.beginGet(KEY);
        assertThat(answered.bytes()).isEqualTo(8);
        assertThat(answered.finish().toCompletableFuture()).isCompleted();
        assertThat(timer("get", "ok").count()).isEqualTo(1);

        commands.onDisk = true;
        commands.stages.add(CompletableFuture.completedFuture(null));
        CommandHandler.StartedGet started = metered.beginGet(KEY);
        assertThat(started).isInstanceOf(CommandHandler.StartedGet.NeedsDisk.class);
        assertThat(started.bytes()).isEqualTo(9);
        assertThat(timer("get", "ok").count()).isEqualTo(1);
        assertThat(started.finish().toCompletableFuture()).isCompleted();
        assertThat(timer("get", "ok").count()).isEqualTo(2);
    }

    @Test
    void aReadOfAReplicaIsCountedOnceWhetherItIsAnsweredOrRefused() {
        commands.stages.add(CompletableFuture.completedFuture(
                new CommandHandler.StartedGet.Answered(8, CompletableFuture.completedFuture(null))));
        commands.stages.add(
                CompletableFuture.failedFuture(new CommandRefusedException(Reason.BEHIND_CONTEXT, "by 5 records")));

        assertThat(metered.beginGet(KEY, ReplicaRead.EVENTUAL)).isCompleted();
        assertThat(metered.beginGet(KEY, ReplicaRead.EVENTUAL)).isCompletedExceptionally();

        assertThat(timer("get", "ok").count()).isEqualTo(1);
        assertThat(timer("get", "behind_context").count()).isEqualTo(1);
    }

    @Test
    void aRefusalAndADefectAreCountedAsSuchWhetherTheyComeAtOnceOrLater() {
        commands.refusal = new CommandRefusedException(Reason.NOT_LEADER, "elsewhere");
        assertThatThrownBy(() -> metered.beginGet(KEY)).isSameAs(commands.refusal);
        assertThatThrownBy(() -> metered.write(new Command.Persist(KEY))).isSameAs(commands.refusal);
        commands.refusal = null;
        commands.stages.add(
                CompletableFuture.failedFuture(new CommandRefusedException(Reason.OUTCOME_UNKNOWN, "unknown")));
        commands.stages.add(CompletableFuture.failedFuture(new IllegalStateException("a defect")));
        metered.write(new Command.Persist(KEY));
        metered.write(new Command.Persist(KEY));

        assertThat(timer("get", "not_leader").count()).isEqualTo(1);
        assertThat(timer("persist", "not_leader").count()).isEqualTo(1);
        assertThat(timer("persist", "outcome_unknown").count()).isEqualTo(1);
        assertThat(timer("persist", "internal").count()).isEqualTo(1);
    }

    @Test
    void whatIsNoCommandIsPassedOn() {
        assertThat(metered.partitions()).isEqualTo(5);
        assertThat(metered.partitionOf(KEY)).isEqualTo(3);
        assertThat(metered.maxPageBytes()).isEqualTo(7);
    }
}
