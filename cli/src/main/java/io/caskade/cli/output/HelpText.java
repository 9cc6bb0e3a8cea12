package io.caskade.cli.output;

import io.caskade.cli.command.CommandSpec;

/// The text of `help`. Pure.
public final class HelpText {

    private static final String WRITING = """

            Put a word with spaces "between double quotes", where \\n \\r \\t \\" \\\\ and \\xHH (a byte in hexadecimal)
            are escapes, or 'between single quotes', where nothing is. Values that are not printable text are shown the
            same way. Commands and options are not case-sensitive.
            help COMMAND explains one command.""";

    private HelpText() {}

    /// All commands, one per line.
    public static String overview() {
        int width = 0;
        for (CommandSpec spec : CommandSpec.values()) {
            width = Math.max(width, spec.word().length());
        }
        StringBuilder text = new StringBuilder();
        for (CommandSpec spec : CommandSpec.values()) {
            text.append(spec.word())
                    .repeat(' ', width - spec.word().length() + 2)
                    .append(spec.summary())
                    .append('\n');
        }
        return text.append(WRITING).toString();
    }

    /// One command.
    public static String of(CommandSpec spec) {
        String details = spec.details().isEmpty() ? "" : "\n" + spec.details();
        return spec.usage() + "\n" + spec.summary() + details;
    }
}
