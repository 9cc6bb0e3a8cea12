package io.caskade.server.listener.redis.command;

import io.caskade.server.listener.redis.resp.RespWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Writes what `COMMAND DOCS` says of commands.
final class CommandDocs {

    private final RespWriter out;

    /// How many specifications of keys the command has, and how many of its arguments are named as keys.
    private int keySpecs;

    private int keys;

    private CommandDocs(RespWriter out) {
        this.out = out;
    }

    /// Writes the descriptions of commands, and of their subcommands.
    static void write(RespWriter out, Collection<RedisCommand> commands) {
        out.map(commands.size());
        for (RedisCommand command : commands) {
            new CommandDocs(out).write(command);
        }
    }

    private void write(RedisCommand command) {
        List<CommandArgument> arguments = CommandUsages.of(command.name());
        boolean container = !command.subcommands().isEmpty();
        keySpecs = KeyAccess.of(command).size();
        out.bulk(command.name());
        out.map(4 + (arguments.isEmpty() ? 0 : 1) + (container ? 1 : 0));
        text("summary", command.summary());
        text("since", command.since());
        text("group", command.group());
        text("complexity", command.complexity());
        if (!arguments.isEmpty()) {
            arguments("arguments", arguments);
        }
        if (container) {
            out.bulk("subcommands");
            write(out, command.subcommands());
        }
    }

    private void text(String name, String value) {
        out.bulk(name);
        out.bulk(value);
    }

    private void arguments(String name, List<CommandArgument> arguments) {
        out.bulk(name);
        out.array(arguments.size());
        arguments.forEach(this::argument);
    }

    private void argument(CommandArgument argument) {
        boolean isKey = argument.type() == CommandArgument.Type.KEY;
        boolean hasParts = !argument.parts().isEmpty();
        List<String> flags = flags(argument);
        String token = argument.token();
        out.map(3 + (isKey ? 1 : 0) + (token == null ? 0 : 1) + (flags.isEmpty() ? 0 : 1));
        text("name", argument.name());
        text("type", argument.type().word());
        if (!hasParts) {
            text("display_text", argument.name());
        }
        if (isKey) {
            out.bulk("key_spec_index");
            out.integer(Math.min(keys++, keySpecs - 1));
        }
        if (token != null) {
            text("token", token);
        }
        if (!flags.isEmpty()) {
            out.bulk("flags");
            out.set(flags.size());
            flags.forEach(out::simple);
        }
        if (hasParts) {
            arguments("arguments", argument.parts());
        }
    }

    private static List<String> flags(CommandArgument argument) {
        List<String> flags = new ArrayList<>();
        if (argument.optional()) {
            flags.add("optional");
        }
        if (argument.multiple()) {
            flags.add("multiple");
        }
        if (argument.multipleToken()) {
            flags.add("multiple_token");
        }
        return flags;
    }
}
