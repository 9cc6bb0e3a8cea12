package io.caskade.cli;

import io.caskade.client.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The commands the shell knows: how each is written, what it does, and how its arguments are read.
enum Verb {
    SET("KEY VALUE [EX seconds | PX milliseconds | KEEPTTL] [NX | XX]", "Writes a value.", """
            EX and PX give the record a time to live; without them and KEEPTTL it lives for ever.
            NX writes only when there is no record, XX only when there is one.
            Answers OK, or "condition not met".""", "EX PX KEEPTTL NX XX"),
    GET("KEY", "Reads a value.", """
            Answers the value, or "record not found". A value that is not printable text is shown between
            double quotes with escapes, and means the same when it is typed back.""", ""),
    DEL("KEY...", "Removes records.", """
            Answers OK, or "record not found". Of several keys: OK when all were there, otherwise how many were.
            Several keys are removed one after another, not at once.""", ""),
    EXISTS("KEY", "Says whether there is a record.", "Answers 1 or 0.", ""),
    EXPIRE("KEY SECONDS", "Lets a record expire.", """
            The time to live replaces the one the record had. 0 or less removes the record.
            Answers OK, or "record not found".""", ""),
    PEXPIRE("KEY MILLISECONDS", "Lets a record expire, in milliseconds.", "Like expire.", ""),
    PERSIST(
            "KEY",
            "Lets a record live for ever.",
            "Answers OK, whether it was to expire or not, or \"record not found\".",
            ""),
    TTL("KEY", "Says how long a record will live.", """
            Answers the seconds that are left, rounded up, or "record not found"; -1 when the record never expires,
            which is Redis's habit.""", ""),
    PTTL("KEY", "Says how long a record will live, in milliseconds.", "Like ttl, without rounding.", ""),
    INCR("KEY", "Adds 1 to a number.", "Like incrby KEY 1.", ""),
    INCRBY(
            "KEY NUMBER",
            "Adds to a number.",
            "A record that is not there counts as 0; its time to live stays. Answers the sum.",
            ""),
    DECR("KEY", "Takes 1 from a number.", "Like decrby KEY 1.", ""),
    DECRBY("KEY NUMBER", "Takes from a number.", "Like incrby with the sign turned.", ""),
    CAS(
            "KEY EXPECTED NEW [EX seconds | PX milliseconds | KEEPTTL]",
            "Replaces a value when it is the expected one.",
            """
            Without an option the new value lives for ever.
            Answers OK, "condition not met", or "record not found".""",
            "EX PX KEEPTTL"),
    SCAN("[PREFIX] [COUNT n] [FROM cursor] [KEYS]", "Lists records.", """
            One line for each record, its key and its value, in no order that means anything. KEYS leaves the values
            out. COUNT stops after so many records and says where FROM can go on, now or later.
            A prefix that is spelled like an option follows the word PREFIX.""", "COUNT FROM KEYS PREFIX"),
    CLUSTER(
            "[move-leader PARTITION NODE | drain NODE | undrain NODE]",
            "Shows nodes and partitions, or moves what they lead and keep.",
            """
            Without more: how the cluster is, where nodes listen, who leads which partition, who is in sync, and who is
            how many records behind.
            move-leader has a node lead a partition from now on, whenever it can; it must be in sync.
            drain has others lead what a node leads and keep what it keeps, as before it is taken away for good; undrain
            takes that back. Both wait until it has happened, and exit with 4 when it takes too long; it goes on then.""",
            "move-leader drain undrain"),
    HELP("[COMMAND]", "Explains the commands, or one.", "", ""),
    QUIT("", "Leaves the shell.", "So do exit and Ctrl-D.", ""),
    EXIT("", "Leaves the shell.", "So do quit and Ctrl-D.", "");

    private final String parameters;
    private final String summary;
    private final String details;
    private final String options;

    Verb(String parameters, String summary, String details, String options) {
        this.parameters = parameters;
        this.summary = summary;
        this.details = details;
        this.options = options;
    }

    /// The command that the words are; at least one.
    static Command parse(List<Bytes> words) throws UsageException {
        Bytes first = words.getFirst();
        Verb verb = named(first.utf8().orElse(""))
                .orElseThrow(
                        () -> new UsageException("unknown command " + Shown.word(first) + "; help lists the commands"));
        Arguments arguments = new Arguments(verb, words.subList(1, words.size()));
        Command command = Grammar.read(verb, arguments);
        arguments.end();
        return command;
    }

    /// The verb with that word, in capitals or not.
    static Optional<Verb> named(String word) {
        return Arrays.stream(values())
                .filter(verb -> verb.word().equalsIgnoreCase(word))
                .findFirst();
    }

    /// How it is typed.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// How it is typed, with what follows it.
    String usage() {
        return parameters.isEmpty() ? word() : word() + " " + parameters;
    }

    /// What it does, in one line.
    String summary() {
        return summary;
    }

    /// What else there is to know; may be empty.
    String details() {
        return details;
    }

    /// The words that may follow its arguments.
    List<String> options() {
        return options.isEmpty() ? List.of() : List.of(options.split(" ", -1));
    }
}
