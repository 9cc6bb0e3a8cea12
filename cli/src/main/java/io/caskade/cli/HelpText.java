package io.caskade.cli;

/// What `help` answers. Pure.
final class HelpText {

    private static final String WRITING = """

            A word with blanks is written "between double quotes", where \\n \\r \\t \\" \\\\ and \\xHH (a byte in
            hexadecimal) are escapes, or 'between single quotes', where nothing is. Values that are not printable text
            are shown the same way. Commands and options may be written in capitals or not.

            help COMMAND says more about one.""";

    private HelpText() {}

    /// All commands, a line each.
    static String overview() {
        int width = 0;
        for (Verb verb : Verb.values()) {
            width = Math.max(width, verb.word().length());
        }
        StringBuilder text = new StringBuilder();
        for (Verb verb : Verb.values()) {
            text.append(verb.word())
                    .repeat(' ', width - verb.word().length() + 2)
                    .append(verb.summary())
                    .append('\n');
        }
        return text.append(WRITING).toString();
    }

    /// One command.
    static String of(Verb verb) {
        String details = verb.details().isEmpty() ? "" : "\n" + verb.details();
        return verb.usage() + "\n" + verb.summary() + details;
    }
}
