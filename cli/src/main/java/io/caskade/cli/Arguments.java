package io.caskade.cli;

import io.caskade.client.Bytes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/// What follows a command's word, taken from the front one by one. Not safe for use by several threads.
final class Arguments {

    private final Verb verb;
    private final Deque<Bytes> rest;

    Arguments(Verb verb, List<Bytes> rest) {
        this.verb = verb;
        this.rest = new ArrayDeque<>(rest);
    }

    boolean isEmpty() {
        return rest.isEmpty();
    }

    /// The next argument; `name` is what it is in the usage.
    Bytes next(String name) throws UsageException {
        Bytes next = rest.poll();
        if (next == null) {
            throw wrong(name + " is missing");
        }
        return next;
    }

    /// The next argument in capitals, as the name of an option.
    String nextOption() throws UsageException {
        return next("an option").utf8().orElse("").toUpperCase(Locale.ROOT);
    }

    /// What is left.
    List<Bytes> all() {
        List<Bytes> all = List.copyOf(rest);
        rest.clear();
        return all;
    }

    /// The next argument as a whole number.
    long nextNumber(String name) throws UsageException {
        Bytes text = next(name);
        try {
            return Long.parseLong(text.utf8().orElse(""));
        } catch (NumberFormatException e) {
            throw wrong(name + " is a whole number of 64 bits, not " + Shown.word(text));
        }
    }

    /// The next argument as a whole number of at least 1.
    long nextPositive(String name) throws UsageException {
        long number = nextNumber(name);
        if (number < 1) {
            throw wrong(name + " is at least 1, not " + number);
        }
        return number;
    }

    /// Refuses whatever is left.
    void end() throws UsageException {
        Bytes extra = rest.peek();
        if (extra != null) {
            throw wrong("unexpected " + Shown.word(extra));
        }
    }

    /// The complaint about an option that the verb does not have.
    UsageException unknownOption(String option) {
        return wrong("unknown option " + Shown.word(Bytes.utf8(option)));
    }

    UsageException wrong(String message) {
        return new UsageException(message + "; usage: " + verb.usage());
    }
}
