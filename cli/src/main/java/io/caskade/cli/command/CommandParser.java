package io.caskade.cli.command;

import io.caskade.cli.command.ShellCommand.ExpiryChange;
import io.caskade.client.Bytes;
import io.caskade.client.Condition;
import io.caskade.client.Expiry;
import io.caskade.client.MoveGoal;
import io.caskade.client.PutOptions;
import io.caskade.client.ScanCursor;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Parses each command's arguments. Pure.
final class CommandParser {

    private static final String KEY = "KEY";

    private CommandParser() {}

    /// Parses a command; arguments it does not know are left.
    static ShellCommand read(CommandSpec spec, Arguments arguments) throws UsageException {
        return switch (spec) {
            case SET -> set(arguments);
            case GET -> new ShellCommand.Get(arguments.next(KEY), readLevel(arguments));
            case MGET -> new ShellCommand.GetAll(keys(arguments), readLevel(arguments));
            case MSET -> setAll(arguments);
            case GETEX -> new ShellCommand.GetAndExpire(arguments.next(KEY), expiryChange(arguments));
            case APPEND -> new ShellCommand.Append(arguments.next(KEY), arguments.next("VALUE"));
            case STRLEN -> new ShellCommand.Length(arguments.next(KEY), readLevel(arguments));
            case TYPE -> new ShellCommand.Type(arguments.next(KEY), readLevel(arguments));
            case DEL -> delete(arguments);
            case EXISTS -> new ShellCommand.Exists(keys(arguments), readLevel(arguments));
            case EXPIRE -> expire(arguments, "SECONDS", ChronoUnit.SECONDS);
            case PEXPIRE -> expire(arguments, "MILLISECONDS", ChronoUnit.MILLIS);
            case PERSIST -> new ShellCommand.Persist(arguments.next(KEY));
            case TTL -> new ShellCommand.TimeToLive(arguments.next(KEY), ChronoUnit.SECONDS, readLevel(arguments));
            case PTTL -> new ShellCommand.TimeToLive(arguments.next(KEY), ChronoUnit.MILLIS, readLevel(arguments));
            case INCR -> new ShellCommand.Increment(arguments.next(KEY), 1);
            case INCRBY -> new ShellCommand.Increment(arguments.next(KEY), arguments.nextNumber("NUMBER"));
            case DECR -> new ShellCommand.Increment(arguments.next(KEY), -1);
            case DECRBY -> decrement(arguments);
            case CAS -> compareAndSet(arguments);
            case SCAN -> scan(arguments);
            case KEYS -> new ShellCommand.Keys(new GlobPattern(arguments.next("PATTERN")));
            case MULTI -> new ShellCommand.Begin();
            case EXEC -> new ShellCommand.Execute();
            case DISCARD -> new ShellCommand.Discard();
            case CLUSTER -> cluster(arguments);
            case HELP -> help(arguments);
            case QUIT, EXIT -> new ShellCommand.Quit();
        };
    }

    /// At least one key; a `READ` with one word behind it is the option and no key.
    private static List<Bytes> keys(Arguments arguments) throws UsageException {
        boolean read = arguments.optionBeforeLast().equals("READ");
        List<Bytes> keys = new ArrayList<>(List.of(arguments.next(KEY)));
        keys.addAll(arguments.allBut(read ? 2 : 0));
        return keys;
    }

    private static ShellCommand setAll(Arguments arguments) throws UsageException {
        Map<Bytes, Bytes> entries = new LinkedHashMap<>();
        do {
            Bytes key = arguments.next(KEY);
            entries.put(key, arguments.next("the VALUE of " + BytesFormat.word(key)));
        } while (!arguments.isEmpty());
        return new ShellCommand.SetAll(entries);
    }

    private static Optional<ExpiryChange> expiryChange(Arguments arguments) throws UsageException {
        if (arguments.isEmpty()) {
            return Optional.empty();
        }
        String option = arguments.nextOption();
        return Optional.of(
                switch (option) {
                    case "PERSIST" -> new ExpiryChange.Remove();
                    case "EXAT" -> at(arguments, arguments.nextPositive("seconds"), ChronoUnit.SECONDS);
                    case "PXAT" -> at(arguments, arguments.nextPositive("milliseconds"), ChronoUnit.MILLIS);
                    case "EX", "PX" -> new ExpiryChange.Set(expiry(option, arguments));
                    default -> throw arguments.unknownOption(option);
                });
    }

    private static ExpiryChange at(Arguments arguments, long time, ChronoUnit unit) throws UsageException {
        try {
            return new ExpiryChange.Set(Expiry.at(Instant.ofEpochMilli(
                    Math.multiplyExact(time, unit.getDuration().toMillis()))));
        } catch (ArithmeticException e) {
            throw arguments.usageError("a time of " + time + " is out of range");
        }
    }

    private static Optional<ReadLevel> readLevel(Arguments arguments) throws UsageException {
        if (arguments.isEmpty()) {
            return Optional.empty();
        }
        String option = arguments.nextOption();
        if (!option.equals("READ")) {
            throw arguments.unknownOption(option);
        }
        String level = BytesFormat.word(arguments.next("the level after READ"));
        try {
            return Optional.of(ReadLevel.parse(level));
        } catch (UsageException e) {
            throw arguments.usageError(String.valueOf(e.getMessage()));
        }
    }

    private static ShellCommand set(Arguments arguments) throws UsageException {
        Bytes key = arguments.next(KEY);
        Bytes value = arguments.next("VALUE");
        Optional<Expiry> expiry = Optional.empty();
        Optional<Condition> condition = Optional.empty();
        while (!arguments.isEmpty()) {
            String option = arguments.nextOption();
            switch (option) {
                case "EX", "PX", "KEEPTTL" -> expiry = once(arguments, expiry, expiry(option, arguments));
                case "NX" -> condition = once(arguments, condition, Condition.absent());
                case "XX" -> condition = once(arguments, condition, Condition.present());
                default -> throw arguments.unknownOption(option);
            }
        }
        return new ShellCommand.Set(
                key, value, new PutOptions(expiry.orElse(Expiry.never()), condition.orElse(Condition.none())));
    }

    private static <T> Optional<T> once(Arguments arguments, Optional<T> before, T value) throws UsageException {
        if (before.isPresent()) {
            throw arguments.usageError("conflicting options");
        }
        return Optional.of(value);
    }

    private static Expiry expiry(String option, Arguments arguments) throws UsageException {
        return switch (option) {
            case "EX" -> after(arguments, arguments.nextPositive("seconds"), ChronoUnit.SECONDS);
            case "PX" -> after(arguments, arguments.nextPositive("milliseconds"), ChronoUnit.MILLIS);
            case "KEEPTTL" -> Expiry.keep();
            default -> throw arguments.unknownOption(option);
        };
    }

    /// An expiry that fits into milliseconds of Unix time.
    private static Expiry after(Arguments arguments, long amount, ChronoUnit unit) throws UsageException {
        try {
            Duration timeToLive = Duration.of(amount, unit);
            long expiresAt = Math.addExact(System.currentTimeMillis(), timeToLive.toMillis());
            return amount > 0 && expiresAt > 0 ? Expiry.after(timeToLive) : Expiry.at(Instant.ofEpochMilli(1));
        } catch (ArithmeticException | DateTimeException e) {
            throw arguments.usageError("a time to live of " + amount + " is out of range");
        }
    }

    private static ShellCommand delete(Arguments arguments) throws UsageException {
        if (arguments.isEmpty()) {
            throw arguments.usageError("KEY is missing");
        }
        return new ShellCommand.Delete(arguments.all());
    }

    private static ShellCommand expire(Arguments arguments, String name, ChronoUnit unit) throws UsageException {
        Bytes key = arguments.next(KEY);
        return new ShellCommand.Expire(key, after(arguments, arguments.nextNumber(name), unit));
    }

    private static ShellCommand decrement(Arguments arguments) throws UsageException {
        Bytes key = arguments.next(KEY);
        long number = arguments.nextNumber("NUMBER");
        if (number == Long.MIN_VALUE) {
            throw arguments.usageError("NUMBER cannot be negated in 64 bits: " + number);
        }
        return new ShellCommand.Increment(key, -number);
    }

    private static ShellCommand compareAndSet(Arguments arguments) throws UsageException {
        Bytes key = arguments.next(KEY);
        Bytes expected = arguments.next("EXPECTED");
        Bytes value = arguments.next("NEW");
        Expiry expiry = arguments.isEmpty() ? Expiry.never() : expiry(arguments.nextOption(), arguments);
        return new ShellCommand.CompareAndSet(key, expected, value, expiry);
    }

    private static ShellCommand scan(Arguments arguments) throws UsageException {
        Bytes prefix = Bytes.EMPTY;
        OptionalInt count = OptionalInt.empty();
        ScanCursor from = ScanCursor.START;
        boolean keysOnly = false;
        boolean first = true;
        while (!arguments.isEmpty()) {
            Bytes argument = arguments.next("an option");
            switch (option(argument)) {
                case "COUNT" -> count = OptionalInt.of(count(arguments));
                case "FROM" -> from = cursor(arguments);
                case "KEYS", "--KEYS" -> keysOnly = true;
                case "PREFIX" -> prefix = arguments.next("PREFIX");
                default -> {
                    if (!first) {
                        throw arguments.unknownOption(BytesFormat.word(argument));
                    }
                    prefix = argument;
                }
            }
            first = false;
        }
        return new ShellCommand.Scan(prefix, count, from, keysOnly);
    }

    private static String option(Bytes argument) {
        return argument.utf8().orElse("").toUpperCase(Locale.ROOT);
    }

    private static int count(Arguments arguments) throws UsageException {
        return (int) Math.min(Integer.MAX_VALUE, arguments.nextPositive("COUNT"));
    }

    private static ScanCursor cursor(Arguments arguments) throws UsageException {
        Bytes text = arguments.next("FROM");
        try {
            return ScanCursor.parse(text.utf8().orElse(""));
        } catch (IllegalArgumentException e) {
            throw arguments.usageError("FROM takes the cursor printed by a scan, not " + BytesFormat.word(text));
        }
    }

    private static ShellCommand cluster(Arguments arguments) throws UsageException {
        if (arguments.isEmpty()) {
            return new ShellCommand.Cluster();
        }
        String word = arguments.nextOption();
        return switch (word) {
            case "MOVE-LEADER" -> new ShellCommand.MoveLeader(partition(arguments), node(arguments));
            case "DRAIN" -> new ShellCommand.Drain(node(arguments), false);
            case "UNDRAIN" -> new ShellCommand.Drain(node(arguments), true);
            case "SETTINGS" -> settings(arguments);
            case "REASSIGN" -> move(new MoveGoal.Reassign(partition(arguments), nodes(arguments)), arguments);
            case "ADD" -> move(new MoveGoal.AddNode(node(arguments)), arguments);
            case "REMOVE" -> move(new MoveGoal.RemoveNode(node(arguments)), arguments);
            case "REBALANCE" -> move(new MoveGoal.Rebalance(), arguments);
            case "REPLICATION-FACTOR" -> move(new MoveGoal.ReplicationFactor(copies(arguments)), arguments);
            default -> throw arguments.unknownOption(word.toLowerCase(Locale.ROOT));
        };
    }

    private static ShellCommand settings(Arguments arguments) throws UsageException {
        if (arguments.isEmpty()) {
            return new ShellCommand.Settings();
        }
        Bytes change = arguments.next("NAME=VALUE");
        String text = change.utf8().orElse("");
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw arguments.usageError("a setting is changed by NAME=VALUE, not " + BytesFormat.word(change));
        }
        return new ShellCommand.ChangeSetting(text.substring(0, equals), text.substring(equals + 1));
    }

    private static ShellCommand move(MoveGoal goal, Arguments arguments) throws UsageException {
        if (arguments.isEmpty()) {
            return new ShellCommand.Move(goal, false);
        }
        String option = arguments.nextOption();
        if (!option.equals("--DRY-RUN") && !option.equals("DRY-RUN")) {
            throw arguments.unknownOption(option.toLowerCase(Locale.ROOT));
        }
        return new ShellCommand.Move(goal, true);
    }

    private static int partition(Arguments arguments) throws UsageException {
        long partition = arguments.nextNumber("PARTITION");
        if (partition < 0 || partition > Integer.MAX_VALUE) {
            throw arguments.usageError("PARTITION must be a partition number, not " + partition);
        }
        return (int) partition;
    }

    private static int copies(Arguments arguments) throws UsageException {
        return (int) Math.min(Integer.MAX_VALUE, arguments.nextPositive("COPIES"));
    }

    private static List<String> nodes(Arguments arguments) throws UsageException {
        return List.of(node(arguments).split(",", -1));
    }

    private static String node(Arguments arguments) throws UsageException {
        Bytes node = arguments.next("NODE");
        return node.utf8()
                .orElseThrow(() -> arguments.usageError("NODE must be a node's id, not " + BytesFormat.word(node)));
    }

    private static ShellCommand help(Arguments arguments) throws UsageException {
        List<Bytes> about = arguments.all();
        if (about.isEmpty()) {
            return new ShellCommand.Help(Optional.empty());
        }
        String word = about.getFirst().utf8().orElse("");
        Optional<CommandSpec> spec = about.size() == 1 ? CommandSpec.named(word) : Optional.empty();
        if (spec.isEmpty()) {
            throw arguments.usageError("no help on " + BytesFormat.word(about.getFirst()));
        }
        return new ShellCommand.Help(spec);
    }
}
