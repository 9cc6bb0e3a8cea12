package io.caskade.cli.command;

import io.caskade.client.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The shell's commands: syntax, summary and help of each.
public enum CommandSpec {
    SET("KEY VALUE [EX seconds | PX milliseconds | KEEPTTL] [NX | XX]", "Writes a value.", """
            EX and PX set a time to live; without them and KEEPTTL the record never expires.
            NX writes only when there is no record, XX only when there is one.
            Answers OK, or "condition not met".""", "EX PX KEEPTTL NX XX"),
    GET("KEY [READ linearizable | causal | eventual]", "Reads a value.", """
            Answers the value, or "record not found". A value that is not printable text is shown between
            double quotes with escapes, and can be typed back like that.
            READ says how current it is, --read at the shell's start what it is without. A linearizable read shows
            all writes and needs the partition's leader. Any replica answers the others: causal shows at least what
            this shell has written and read before, eventual what the replica has at the moment.""", Options.READ),
    MGET("KEY... [READ linearizable | causal | eventual]", "Reads several values.", """
            One line for each key, in the order of the keys: its value, or an empty line if there is no record. (An
            empty value is shown as "".) Each key is read by itself. READ as for get.""", Options.READ),
    MSET("KEY VALUE...", "Writes several values.", """
            They never expire. Keys of one partition, as those with the same {hash tag} are, are written together, all
            or nothing; keys of several partitions are not: if the command fails, some may have been written.
            Answers OK.""", ""),
    GETEX(
            "KEY [EX seconds | PX milliseconds | EXAT time | PXAT time | PERSIST]",
            "Reads a value, sets its expiry.",
            """
            EX and PX set a time to live, EXAT and PXAT when the record expires, in seconds and milliseconds of Unix
            time, PERSIST that it never does; without them nothing changes. Answers the value, or "record not found".""",
            "EX PX EXAT PXAT PERSIST"),
    APPEND("KEY VALUE", "Appends to a value.", """
            A missing record counts as empty; the time to live stays. The whole value is written again.
            Answers how many bytes the value has then.""", ""),
    STRLEN(
            "KEY [READ linearizable | causal | eventual]",
            "Counts the bytes of a value.",
            "Answers 0 when there is no record. READ as for get.",
            Options.READ),
    TYPE(
            "KEY [READ linearizable | causal | eventual]",
            "Shows the type of a value.",
            "Answers string, or none when there is no record. READ as for get.",
            Options.READ),
    DEL("KEY...", "Removes records.", """
            Answers OK, or "record not found". Of several keys: OK when all were there, otherwise how many were.
            Several keys are removed one after another, not at once.""", ""),
    EXISTS(
            "KEY... [READ linearizable | causal | eventual]",
            "Tells whether records exist.",
            "Answers how many exist; of one key 1 or 0. READ as for get.",
            Options.READ),
    EXPIRE("KEY SECONDS", "Sets a record's time to live.", """
            The time to live replaces the one the record had. 0 or less removes the record.
            Answers OK, or "record not found".""", ""),
    PEXPIRE("KEY MILLISECONDS", "Sets a record's time to live, in milliseconds.", "Like expire.", ""),
    PERSIST(
            "KEY",
            "Removes a record's time to live.",
            "Answers OK, whether or not it had one, or \"record not found\".",
            ""),
    TTL("KEY [READ linearizable | causal | eventual]", "Shows a record's time to live.", """
            Answers the seconds left, rounded up, or "record not found"; -1 when the record never expires, as in
            Redis. READ as for get.""", Options.READ),
    PTTL(
            "KEY [READ linearizable | causal | eventual]",
            "Shows a record's time to live, in milliseconds.",
            "Like ttl, without rounding.",
            Options.READ),
    INCR("KEY", "Adds 1 to a number.", "Like incrby KEY 1.", ""),
    INCRBY(
            "KEY NUMBER",
            "Adds to a number.",
            "A missing record counts as 0; the time to live stays. Answers the sum.",
            ""),
    DECR("KEY", "Subtracts 1 from a number.", "Like decrby KEY 1.", ""),
    DECRBY("KEY NUMBER", "Subtracts from a number.", "Like incrby with the opposite sign.", ""),
    CAS(
            "KEY EXPECTED NEW [EX seconds | PX milliseconds | KEEPTTL]",
            "Replaces a value if it is the expected one.",
            """
            Without an option the new value never expires.
            Answers OK, "condition not met", or "record not found".""",
            "EX PX KEEPTTL"),
    SCAN("[PREFIX] [COUNT n] [FROM cursor] [KEYS]", "Lists records.", """
            One line for each record with its key and value, in no particular order. KEYS leaves the values out.
            COUNT stops after so many records and prints the cursor with which FROM resumes, now or later.
            Put PREFIX before a prefix that looks like an option.""", "COUNT FROM KEYS PREFIX"),
    KEYS("PATTERN", "Lists the keys that match a pattern.", """
            One line for each key, in no particular order. In the pattern * is anything, ? one byte, [abc], [^abc] and
            [a-z] one of several, and a backslash makes the next byte an ordinary one: keys 'user:*'. The cluster
            lists all keys that begin as the pattern does, up to its first such sign.""", ""),
    MULTI("", "Begins a transaction.", """
            The writes that follow are not done but queued (QUEUED), until exec does them together or discard forgets
            them: set, mset, del, expire, pexpire, persist, incr, incrby, decr, decrby and cas, with all their options.
            Reads cannot be queued. In the shell and in scripts only.""", ""),
    EXEC("", "Does what was queued since multi.", """
            Everything at once: after a crash and for other clients all of it is done, or nothing. The keys must be of
            one partition, as those with the same {hash tag} are. Answers what each command would. One whose condition
            does not hold, or whose value does not fit, changes nothing; the others are done, as in Redis.
            Nothing is done if a command was refused when it was queued.""", ""),
    DISCARD("", "Forgets what was queued since multi.", "Answers OK.", ""),
    CLUSTER(
            "[add NODE | remove NODE | rebalance | replication-factor COPIES | reassign PARTITION NODE,... [--dry-run]"
                    + " | move-leader PARTITION NODE | drain NODE | undrain NODE | settings [NAME=VALUE]]",
            "Shows nodes and partitions, or moves leaders and copies.",
            """
            Without arguments: the cluster's state, where nodes listen, which node leads each partition, which copies
            are in sync, and how many records the others are behind.
            add gives a node that was started its share of copies and leaders. remove has other nodes take all that a
            node keeps, and says when it may be stopped. rebalance spreads copies and leaders evenly over nodes and
            racks. replication-factor sets how many copies each partition has. reassign has one partition kept by these
            nodes, the preferred leader first. Each shows what moves and how far it is; --dry-run only shows what would.
            move-leader makes a node the preferred leader of a partition; its copy must be in sync.
            drain moves leaders and copies off a node, as far as other nodes can take them; undrain reverts that.
            All wait until it is done, and exit with 4 if nothing moves for long, or after Ctrl-C: the cluster goes on
            then, and the same command shows how far it is.
            settings shows what all nodes share, whatever their files say, and changes what can be changed.""",
            "add remove rebalance replication-factor reassign move-leader drain undrain settings"),
    HELP("[COMMAND]", "Explains the commands, or one.", "", ""),
    QUIT("", "Exits the shell.", "Same as exit and Ctrl-D.", ""),
    EXIT("", "Exits the shell.", "Same as quit and Ctrl-D.", "");

    /// An enum's constants come before its own.
    private static final class Options {
        private static final String READ = "READ linearizable causal eventual";
    }

    private final String parameters;
    private final String summary;
    private final String details;
    private final String options;

    CommandSpec(String parameters, String summary, String details, String options) {
        this.parameters = parameters;
        this.summary = summary;
        this.details = details;
        this.options = options;
    }

    /// Parses the words of a command, at least one.
    public static ShellCommand parse(List<Bytes> words) throws UsageException {
        Bytes first = words.getFirst();
        CommandSpec spec = named(first.utf8().orElse(""))
                .orElseThrow(() ->
                        new UsageException("unknown command " + BytesFormat.word(first) + "; help lists the commands"));
        Arguments arguments = new Arguments(spec, words.subList(1, words.size()));
        ShellCommand command = CommandParser.read(spec, arguments);
        arguments.expectEnd();
        return command;
    }

    /// The command with that name, in any case.
    public static Optional<CommandSpec> named(String word) {
        return Arrays.stream(values())
                .filter(verb -> verb.word().equalsIgnoreCase(word))
                .findFirst();
    }

    /// Its name as typed.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Its name and parameters.
    public String usage() {
        return parameters.isEmpty() ? word() : word() + " " + parameters;
    }

    /// What it does, in one line.
    public String summary() {
        return summary;
    }

    /// More help; may be empty.
    public String details() {
        return details;
    }

    /// The options that may follow its arguments.
    public List<String> options() {
        return options.isEmpty() ? List.of() : List.of(options.split(" ", -1));
    }
}
