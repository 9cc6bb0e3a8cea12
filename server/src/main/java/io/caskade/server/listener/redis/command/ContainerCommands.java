package io.caskade.server.listener.redis.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Makes container commands, as Redis calls commands that consist of subcommands.
final class ContainerCommands {

    private ContainerCommands() {}

    /// A container command that does nothing itself: its subcommands, and a `HELP` that lists them, do.
    static RedisCommand of(String name, String group, String since, String summary, List<RedisCommand> subcommands) {
        Handler alone = Handler.now(_ -> {
            throw RedisError.wrongArity(name);
        });
        return RedisCommand.of(name, -2, group, since, "Depends on the subcommand.", summary, alone)
                .with(withHelp(name, group, since, subcommands));
    }

    /// The subcommands and a `HELP` that lists them.
    static List<RedisCommand> withHelp(String name, String group, String since, List<RedisCommand> subcommands) {
        List<String> lines = new ArrayList<>();
        lines.add(name.toUpperCase(Locale.ROOT) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
        subcommands.forEach(each -> {
            lines.add(Stream.concat(
                            Stream.of(each.title().substring(name.length() + 1)),
                            CommandUsages.of(each.name()).stream().map(CommandArgument::text))
                    .collect(Collectors.joining(" ")));
            lines.add("    " + each.summary());
        });
        lines.add("HELP");
        lines.add("    Print this help.");
        Reply help = Reply.array(lines.stream().map(Reply::simple).toList());
        List<RedisCommand> all = new ArrayList<>(subcommands);
        all.add(RedisCommand.of(
                        name + "|help", 2, group, since, "O(1)", "Lists the subcommands.", Handler.now(_ -> help))
                .with(Flag.LOADING, Flag.STALE));
        return all;
    }
}
