package io.caskade.cli;

import io.caskade.cli.command.CommandSpec;
import io.caskade.cli.command.GlobPattern;
import io.caskade.cli.command.ReadLevel;
import io.caskade.cli.command.ShellCommand;
import io.caskade.cli.output.CommandResult;
import io.caskade.cli.output.ProgressOutput;
import io.caskade.client.Bytes;
import io.caskade.client.CaskadeClient;
import io.caskade.client.CausalSession;
import io.caskade.client.ClusterView;
import io.caskade.client.Condition;
import io.caskade.client.Expectation;
import io.caskade.client.Expiry;
import io.caskade.client.MoveGoal;
import io.caskade.client.PutOptions;
import io.caskade.client.ReadMode;
import io.caskade.client.ScanCursor;
import io.caskade.client.ScanOptions;
import io.caskade.client.ScanPage;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/// Runs commands on a cluster. Its reads and writes are one session.
final class CommandRunner {

    private static final int PAGE_SIZE = 1000;
    private static final long PEEK_MILLIS = 300;

    private final CausalSession session = new CausalSession();
    private final CaskadeClient client;
    private final CompositeCommands values;
    private final ReadLevel defaultLevel;

    /// @param defaultLevel how current reads are that do not say it themselves
    CommandRunner(CaskadeClient client, ReadLevel defaultLevel) {
        this.client = client.inSession(session);
        this.values = new CompositeCommands(this.client);
        this.defaultLevel = defaultLevel;
    }

    /// The client of this session.
    CaskadeClient client() {
        return client;
    }

    /// Runs a command that needs none before it; throws [io.caskade.client.CaskadeException] when it fails.
    ///
    /// @param progress receives human-readable progress of a slow command
    CommandResult run(ShellCommand command, ProgressOutput progress) {
        return switch (command) {
            case ShellCommand.Set(Bytes key, Bytes value, PutOptions options) ->
                WriteResults.ofPut(key, client.put(key.toArray(), value.toArray(), options));
            case ShellCommand.Get(Bytes key, var level) ->
                client.get(key.toArray(), mode(level))
                        .value()
                        .<CommandResult>map(CommandResult.Value::new)
                        .orElse(new CommandResult.NotFound(key));
            case ShellCommand.GetAll(List<Bytes> keys, var level) -> values.getAll(keys, mode(level));
            case ShellCommand.SetAll(var entries) -> values.setAll(entries);
            case ShellCommand.GetAndExpire(Bytes key, var change) ->
                change.isPresent()
                        ? values.getAndExpire(key, change.get())
                        : run(new ShellCommand.Get(key, Optional.empty()), progress);
            case ShellCommand.Append(Bytes key, Bytes value) -> values.append(key, value);
            case ShellCommand.Length(Bytes key, var level) -> values.length(key, mode(level));
            case ShellCommand.Type(Bytes key, var level) ->
                new CommandResult.Type(
                        key, client.exists(key.toArray(), mode(level)).value());
            case ShellCommand.Delete(List<Bytes> keys) -> delete(keys);
            case ShellCommand.Exists(List<Bytes> keys, var level) -> values.exists(keys, mode(level));
            case ShellCommand.Expire(Bytes key, Expiry expiry) ->
                WriteResults.ofChange(key, client.expire(key.toArray(), expiry));
            case ShellCommand.Persist(Bytes key) -> WriteResults.ofChange(key, client.persist(key.toArray()));
            case ShellCommand.TimeToLive(Bytes key, var unit, var level) ->
                client.timeToLive(key.toArray(), mode(level))
                        .value()
                        .<CommandResult>map(found -> new CommandResult.Remaining(key, found, unit))
                        .orElse(new CommandResult.NotFound(key));
            case ShellCommand.Increment(Bytes key, long delta) ->
                new CommandResult.Count(key, client.increment(key.toArray(), delta));
            case ShellCommand.CompareAndSet(Bytes key, Bytes expected, Bytes value, Expiry expiry) ->
                WriteResults.ofCompareAndSet(
                        key,
                        client.compareAndSet(
                                key.toArray(), Expectation.value(expected.toArray()), value.toArray(), expiry));
            case ShellCommand.Scan scan -> new CommandResult.Listing(new Pages(scan), scan.keysOnly());
            case ShellCommand.Keys(GlobPattern pattern) ->
                new CommandResult.Listing(
                        CompositeCommands.matching(
                                pattern,
                                new Pages(new ShellCommand.Scan(
                                        pattern.prefix(), OptionalInt.empty(), ScanCursor.START, true))),
                        true);
            case ShellCommand.Begin _, ShellCommand.Execute _, ShellCommand.Discard _ ->
                throw new IllegalStateException("a session runs " + command);
            case ShellCommand.MoveLeader(int partition, String node) ->
                new ClusterMoves(client, progress::printProgress).moveLeader(partition, node);
            case ShellCommand.Drain(String node, boolean undo) -> {
                ClusterMoves moves = new ClusterMoves(client, progress::printProgress);
                yield undo ? moves.undrain(node) : moves.drain(node);
            }
            case ShellCommand.Move(MoveGoal goal, boolean dryRun) -> {
                ReplicaMoves moves = new ReplicaMoves(client, progress);
                yield dryRun ? moves.plan(goal) : moves.carryOut(goal);
            }
            case ShellCommand.Settings() -> new CommandResult.Settings(client.settings());
            case ShellCommand.ChangeSetting(String name, String value) ->
                new CommandResult.Settings(client.changeSetting(name, value));
            case ShellCommand.Cluster _ -> new CommandResult.Cluster(client.status());
            case ShellCommand.Help(Optional<CommandSpec> about) -> new CommandResult.Help(about);
            case ShellCommand.Quit _ -> new CommandResult.Quit();
        };
    }

    private ReadMode mode(Optional<ReadLevel> level) {
        return switch (level.orElse(defaultLevel)) {
            case LINEARIZABLE -> ReadMode.linearizable();
            case CAUSAL -> ReadMode.causal(session.context());
            case EVENTUAL -> ReadMode.eventual();
        };
    }

    /// The cluster if it can be read quickly, for completion.
    Optional<ClusterView> peekCluster() {
        return client.async()
                .cluster()
                .thenApply(Optional::of)
                .completeOnTimeout(Optional.empty(), PEEK_MILLIS, TimeUnit.MILLISECONDS)
                .exceptionally(_ -> Optional.empty())
                .join();
    }

    private CommandResult delete(List<Bytes> keys) {
        if (keys.size() == 1) {
            return WriteResults.ofChange(
                    keys.getFirst(), client.delete(keys.getFirst().toArray()));
        }
        int found = 0;
        for (Bytes key : keys) {
            if (client.delete(key.toArray(), Condition.none()).applied()) {
                found++;
            }
        }
        return new CommandResult.Deleted(found, keys.size());
    }

    /// The pages of a scan, each read on demand.
    private final class Pages implements Iterator<ScanPage> {

        private final ScanOptions options;
        private Optional<ScanCursor> next;
        private OptionalInt left;

        Pages(ShellCommand.Scan scan) {
            this.options = new ScanOptions(scan.prefix(), scan.keysOnly(), PAGE_SIZE);
            this.next = Optional.of(scan.from());
            this.left = scan.count();
        }

        @Override
        public boolean hasNext() {
            return next.isPresent() && (left.isEmpty() || left.getAsInt() > 0);
        }

        @Override
        public ScanPage next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int size = Math.min(PAGE_SIZE, left.orElse(PAGE_SIZE));
            ScanPage page = client.scan(next.orElseThrow(), options.withPageSize(size));
            next = page.next();
            if (left.isPresent()) {
                left = OptionalInt.of(left.getAsInt() - page.entries().size());
            }
            return page;
        }
    }
}
