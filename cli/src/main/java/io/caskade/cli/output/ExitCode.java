package io.caskade.cli.output;

/// The exit codes that scripts rely on.
public final class ExitCode {

    /// The command succeeded.
    public static final int SUCCESS = 0;
    /// A negative result: there is no such record, or a condition does not hold.
    public static final int NEGATIVE = 1;
    /// The command line or the configuration is wrong.
    public static final int USAGE = 2;
    /// The cluster was unreachable or refused the command.
    public static final int REFUSED = 3;
    /// A write may or may not take effect.
    public static final int OUTCOME_UNKNOWN = 4;
    /// Standard input cannot be read, or standard output or error cannot be written. The last command was run.
    public static final int STREAM_FAILED = 5;
    /// A signal, such as Ctrl-C, ended a command that says what it has done so far. What a shell reports of a
    /// program that SIGINT ends.
    public static final int INTERRUPTED = 130;
    /// The reader of the output has ended. What a shell reports of a program that SIGPIPE ends.
    public static final int READER_GONE = 141;

    private ExitCode() {}
}
