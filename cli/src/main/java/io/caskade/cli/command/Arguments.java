package io.caskade.cli.command;

import io.caskade.client.Bytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/// A command's arguments, consumed from the front. Not thread-safe.
final class Arguments {

    private final CommandSpec spec;
    private final Deque<Bytes> rest;

    Arguments(CommandSpec spec, List<Bytes> rest) {
        this.spec = spec;
        this.rest = new ArrayDeque<>(rest);
    }

    boolean isEmpty() {
        return rest.isEmpty();
    }

    /// The next argument; `name` is its name in the usage.
    Bytes next(String name) throws UsageException {
        Bytes next = rest.poll();
        if (next == null) {
            throw usageError(name + " is missing");
        }
        return next;
    }

    /// The next argument as the name of an option, in upper case.
    String nextOption() throws UsageException {
        return next("an option").utf8().orElse("").toUpperCase(Locale.ROOT);
    }

    /// The last argument but one, as the name of an option, in upper case; empty if fewer than three are left.
    String optionBeforeLast() {
        if (rest.size() <= 2) {
            return "";
        }
        Iterator<Bytes> backwards = rest.descendingIterator();
        backwards.next();
        return backwards.next().utf8().orElse("").toUpperCase(Locale.ROOT);
    }

    /// The next arguments up to a number of them that are left.
    List<Bytes> allBut(int count) {
        List<Bytes> first = new ArrayList<>();
        while (rest.size() > count) {
            first.add(rest.remove());
        }
        return first;
    }

    /// All remaining arguments.
    List<Bytes> all() {
        List<Bytes> all = List.copyOf(rest);
        rest.clear();
        return all;
    }

    /// The next argument as an integer.
    long nextNumber(String name) throws UsageException {
        Bytes text = next(name);
        try {
            return Long.parseLong(text.utf8().orElse(""));
        } catch (NumberFormatException e) {
            throw usageError(name + " must be a 64-bit integer, not " + BytesFormat.word(text));
        }
    }

    /// The next argument as an integer of at least 1.
    long nextPositive(String name) throws UsageException {
        long number = nextNumber(name);
        if (number < 1) {
            throw usageError(name + " must be at least 1, not " + number);
        }
        return number;
    }

    /// Rejects remaining arguments.
    void expectEnd() throws UsageException {
        Bytes extra = rest.peek();
        if (extra != null) {
            throw usageError("unexpected " + BytesFormat.word(extra));
        }
    }

    /// The error for an option that the command does not have.
    UsageException unknownOption(String option) {
        return usageError("unknown option " + BytesFormat.word(Bytes.utf8(option)));
    }

    UsageException usageError(String message) {
        return new UsageException(message + "; usage: " + spec.usage());
    }
}
