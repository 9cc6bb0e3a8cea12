package io.caskade.server.listener.redis.command;

import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.Limits;
import io.caskade.server.listener.ReadBudget;
import io.caskade.server.listener.RecordReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// All commands. Finds the one that a client calls, and words Redis's errors when there is none. Immutable.
public final class CommandTable {

    /// How much of a command that is unknown an error quotes.
    private static final int MAX_QUOTED = 128;

    private static final int BUCKETS = 256;

    private final Redirects redirects;
    private final Map<String, RedisCommand> commands;
    private final RedisCommand[][] buckets = new RedisCommand[BUCKETS][0];
    private final TransactionCommands transactions;

    /// What the commands work with.
    ///
    /// @param handler the store's own commands, for any key
    /// @param reads bounds the values that are being read or not yet sent
    /// @param queueing bounds the bytes of commands that transactions have queued
    /// @param threads for what may block
    /// @param port the port that the listener listens on
    /// @param maxValueBytes the longest value, the setting `storage.max-value-size`
    /// @param maxBulkBytes the longest argument
    /// @param maxClients how many connections there may be, the setting `listeners.redis.max-clients`
    /// @param mayFlush whether all keys may be deleted, the setting `listeners.redis.flush`
    /// @param limitNanos how long a command may take
    /// @param nanoTime the monotonic clock
    public record Dependencies(
            CommandHandler handler,
            ReadBudget reads,
            ByteBudget queueing,
            Executor threads,
            Clients clients,
            ServerStats stats,
            SlowLog slowLog,
            ServerIdentity identity,
            IntSupplier port,
            int maxValueBytes,
            int maxBulkBytes,
            int maxClients,
            boolean mayFlush,
            long limitNanos,
            LongSupplier nanoTime) {}

    private CommandTable(Redirects redirects, TransactionCommands transactions, List<RedisCommand> all) {
        this.redirects = redirects;
        this.transactions = transactions;
        Map<String, RedisCommand> byName = new TreeMap<>();
        all.forEach(command -> byName.put(command.name(), command));
        CommandCommands table = new CommandCommands(this);
        table.commands().forEach(command -> byName.put(command.name(), command));
        this.commands = Collections.unmodifiableMap(byName);
        byName.values().forEach(this::addToBucket);
    }

    /// The table of a listener.
    public static CommandTable of(Dependencies with) {
        RecordReader reader = new RecordReader(with.handler(), with.threads());
        Limits limits = new Limits(with.maxValueBytes());
        Records records = new Records(with.handler(), reader, with.stats(), limits, with.limitNanos(), with.nanoTime());
        TransactionCommands transactions = new TransactionCommands(
                records, with.stats(), with.queueing(), with.threads(), with.limitNanos(), with.nanoTime());
        int partitions = with.handler().partitions();
        ScanCommands scans = new ScanCommands(
                with.handler(), with.identity(), with.reads(), with.threads(), with.limitNanos(), with.nanoTime());
        SlotKeys slotKeys = new SlotKeys(scans, partitions, with.threads(), with.limitNanos(), with.nanoTime());
        List<RedisCommand> all = new ArrayList<>();
        all.addAll(ConnectionCommands.commands());
        all.addAll(new ClientCommands(with.clients()).commands());
        all.addAll(new StringCommands(records).commands());
        all.addAll(new ValueCommands(records, with.maxValueBytes()).commands());
        all.addAll(new BitCommands(records, with.maxValueBytes()).commands());
        all.addAll(new BitFieldCommands(records, with.maxValueBytes()).commands());
        all.addAll(new LcsCommand(records, with.reads(), with.threads(), with.maxBulkBytes()).commands());
        all.addAll(new KeyCommands(records).commands());
        all.addAll(new BatchCommands(records).commands());
        all.addAll(transactions.commands());
        all.addAll(new ObjectCommands(records).commands());
        all.addAll(new DumpCommands(records).commands());
        all.addAll(
                new FlushCommands(records, scans, with.threads(), with.mayFlush(), with.limitNanos(), with.nanoTime())
                        .commands());
        all.addAll(FunctionCommands.commands());
        all.addAll(new ExpiryCommands(records).commands());
        all.addAll(scans.commands());
        all.addAll(new ClusterCommands(with.identity(), slotKeys).commands());
        all.addAll(new WaitCommands(with.identity()).commands());
        all.addAll(new ServerCommands(records).commands());
        all.addAll(new ConfigCommands(with.stats(), with.slowLog(), with.maxBulkBytes(), with.maxClients()).commands());
        all.addAll(new SlowLogCommands(with.slowLog()).commands());
        all.addAll(new InfoCommand(with.identity(), with.stats(), with.clients(), scans, with.port(), with.maxClients())
                .commands());
        return new CommandTable(new Redirects(with.identity(), partitions), transactions, all);
    }

    private void addToBucket(RedisCommand command) {
        int bucket = bucket(command.name().getBytes(StandardCharsets.US_ASCII));
        RedisCommand[] before = buckets[bucket];
        buckets[bucket] = Arrays.copyOf(before, before.length + 1);
        buckets[bucket][before.length] = command;
    }

    private static int bucket(byte[] name) {
        int hash = name.length;
        for (byte b : name) {
            hash = 31 * hash + Arguments.lower(b);
        }
        return hash & (BUCKETS - 1);
    }

    /// The command or subcommand that is called, whose number of arguments is right.
    ///
    /// @param arguments its name first
    /// @return a command that only fails, if there is none or it has the wrong number of arguments
    public RedisCommand find(byte[][] arguments) {
        try {
            RedisCommand command = lookUp(arguments);
            if (!command.accepts(arguments.length)) {
                RedisError wrong = RedisError.wrongArity(command.name());
                return transactions.isExec(command) ? transactions.refusedExec(wrong) : failing(wrong);
            }
            return command;
        } catch (RedisError e) {
            return failing(e);
        }
    }

    /// What begins a call: between `MULTI` and `EXEC`, most commands are queued.
    public Handler handlerOf(Call call) {
        return transactions.queues(call) ? transactions::queue : call.command().handler();
    }

    /// A command whose arguments were dropped, because they did not fit into memory.
    public RedisCommand dropped() {
        return failing(new RedisError("TRYAGAIN more bytes of commands are being received than limits.in-flight"
                + " allows; nothing was done, try again later"));
    }

    /// What is no command: its connection ends.
    ///
    /// @param problem what is wrong
    public RedisCommand malformed(String problem) {
        return RedisCommand.unknown(Handler.now(call -> {
            call.client().endAfterReply();
            return Reply.error("ERR " + problem);
        }));
    }

    /// What a client is told instead of its command being carried out, because another node serves its keys;
    /// null when it is to be carried out. A transaction that misses a command for it will fail.
    public @Nullable Reply redirect(Call call) {
        Reply elsewhere = redirects.insteadOf(call);
        if (elsewhere != null) {
            call.client().transaction().markBroken();
        }
        return elsewhere;
    }

    private static RedisCommand failing(RedisError error) {
        return RedisCommand.unknown(_ -> {
            throw error;
        });
    }

    private RedisCommand lookUp(byte[][] arguments) {
        RedisCommand command = named(arguments[0]);
        if (command == null) {
            throw new RedisError(unknown(arguments));
        }
        if (command.subcommands().isEmpty() || arguments.length == 1) {
            return command;
        }
        int start = command.name().length() + 1;
        String wanted = Arguments.latin1(arguments[1]);
        for (RedisCommand subcommand : command.subcommands()) {
            if (subcommand.name().substring(start).equalsIgnoreCase(wanted)) {
                return subcommand;
            }
        }
        throw new RedisError(
                "ERR unknown subcommand '" + quoted(arguments[1], MAX_QUOTED) + "'. Try " + command.title() + " HELP.");
    }

    private @Nullable RedisCommand named(byte[] name) {
        for (RedisCommand command : buckets[bucket(name)]) {
            if (Arguments.is(name, command.name())) {
                return command;
            }
        }
        return null;
    }

    private static String unknown(byte[][] arguments) {
        StringBuilder quoted = new StringBuilder();
        for (int i = 1; i < arguments.length && quoted.length() < MAX_QUOTED; i++) {
            int most = MAX_QUOTED - quoted.length();
            quoted.append('\'').append(quoted(arguments[i], most)).append("' ");
        }
        return "ERR unknown command '" + quoted(arguments[0], MAX_QUOTED) + "', with args beginning with: " + quoted;
    }

    private static String quoted(byte[] argument, int most) {
        String text = Arguments.latin1(argument);
        return text.substring(0, Math.min(text.length(), most));
    }

    /// All commands, by name.
    public Map<String, RedisCommand> all() {
        return commands;
    }
}
