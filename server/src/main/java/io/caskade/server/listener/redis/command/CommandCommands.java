package io.caskade.server.listener.redis.command;

import io.caskade.server.listener.redis.resp.RespWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `COMMAND`: what the table of commands says of itself.
final class CommandCommands {

    private static final String GROUP = "server";

    private final CommandTable table;

    CommandCommands(CommandTable table) {
        this.table = table;
    }

    List<RedisCommand> commands() {
        List<RedisCommand> subcommands = List.of(
                of(
                        "count",
                        2,
                        "2.8.13",
                        "Counts the commands.",
                        _ -> Reply.integer(table.all().size())),
                of("info", -2, "2.8.13", "Describes commands for clients.", this::info),
                of("docs", -2, "7.0.0", "Describes commands for people.", this::docs),
                of("getkeys", -3, "2.8.13", "Returns the keys of a command.", this::getKeys),
                of(
                        "getkeysandflags",
                        -3,
                        "7.0.0",
                        "Returns the keys of a command, and what it does with them.",
                        this::getKeysAndFlags),
                of("list", -2, "7.0.0", "Lists the names of commands.", this::list));
        return List.of(RedisCommand.of(
                        "command",
                        -1,
                        GROUP,
                        "2.8.13",
                        "O(N)",
                        "Describes all commands.",
                        Handler.now(_ -> infos(table.all().values())))
                .with(Flag.LOADING, Flag.STALE)
                .with(ContainerCommands.withHelp("command", GROUP, "2.8.13", subcommands)));
    }

    private static RedisCommand of(String name, int arity, String since, String summary, Function<Call, Reply> answer) {
        return RedisCommand.of("command|" + name, arity, GROUP, since, "O(N)", summary, Handler.now(answer))
                .with(Flag.LOADING, Flag.STALE);
    }

    private @Nullable RedisCommand named(byte[] argument) {
        String[] names = Arguments.latin1(argument).toLowerCase(Locale.ROOT).split("\\|", 2);
        RedisCommand command = table.all().get(names[0]);
        if (command == null || names.length == 1) {
            return command;
        }
        String whole = names[0] + '|' + names[1];
        return command.subcommands().stream()
                .filter(each -> each.name().equals(whole))
                .findFirst()
                .orElse(null);
    }

    private Reply info(Call call) {
        if (call.size() == 2) {
            return infos(table.all().values());
        }
        List<Reply> infos = new ArrayList<>();
        for (byte[] name : call.from(2)) {
            RedisCommand command = named(name);
            infos.add(command == null ? Reply.NONE : out -> writeInfo(out, command));
        }
        return Reply.array(infos);
    }

    private static Reply infos(Collection<RedisCommand> commands) {
        return out -> {
            out.array(commands.size());
            commands.forEach(command -> writeInfo(out, command));
        };
    }

    private static void writeInfo(RespWriter out, RedisCommand command) {
        out.array(10);
        out.bulk(command.name());
        out.integer(command.arity());
        writeWords(out, command.flags().stream().map(Flag::word).sorted().toList());
        KeySpec keys = command.keys();
        out.integer(keys.first());
        out.integer(keys.last());
        out.integer(keys.step());
        writeWords(out, List.copyOf(command.categories()));
        out.array(0);
        writeKeySpecs(out, command);
        out.array(command.subcommands().size());
        command.subcommands().forEach(subcommand -> writeInfo(out, subcommand));
    }

    /// A set of simple strings.
    private static void writeWords(RespWriter out, List<String> words) {
        out.set(words.size());
        words.forEach(out::simple);
    }

    private static void writeKeySpecs(RespWriter out, RedisCommand command) {
        List<KeyAccess> accesses = KeyAccess.of(command);
        out.array(accesses.size());
        accesses.forEach(access -> writeKeySpec(out, access));
    }

    private static void writeKeySpec(RespWriter out, KeyAccess access) {
        KeySpec keys = access.keys();
        out.map(3);
        out.bulk("flags");
        writeWords(out, access.flags());
        out.bulk("begin_search");
        out.map(2);
        out.bulk("type");
        out.bulk("index");
        out.bulk("spec");
        out.map(1);
        out.bulk("index");
        out.integer(keys.first());
        out.bulk("find_keys");
        out.map(2);
        out.bulk("type");
        out.bulk("range");
        out.bulk("spec");
        out.map(3);
        out.bulk("lastkey");
        out.integer(keys.last() < 0 ? keys.last() : keys.last() - keys.first());
        out.bulk("keystep");
        out.integer(keys.step());
        out.bulk("limit");
        out.integer(0);
    }

    private Reply docs(Call call) {
        List<RedisCommand> wanted = new ArrayList<>();
        if (call.size() == 2) {
            wanted.addAll(table.all().values());
        }
        for (byte[] name : call.from(2)) {
            RedisCommand command = named(name);
            if (command != null) {
                wanted.add(command);
            }
        }
        return out -> CommandDocs.write(out, wanted);
    }

    private Reply getKeys(Call call) {
        byte[][] arguments = call.from(2);
        return Reply.array(withKeys(arguments).keys().of(arguments).stream()
                .map(Reply::bulk)
                .toList());
    }

    private Reply getKeysAndFlags(Call call) {
        byte[][] arguments = call.from(2);
        List<Reply> keys = new ArrayList<>();
        for (KeyAccess access : KeyAccess.of(withKeys(arguments), arguments)) {
            Reply flags = out -> writeWords(out, access.flags());
            access.keys().of(arguments).forEach(key -> keys.add(Reply.array(List.of(Reply.bulk(key), flags))));
        }
        return Reply.array(keys);
    }

    /// The command that is called by arguments, its name first, which names keys among them.
    private RedisCommand withKeys(byte[][] arguments) {
        RedisCommand command = table.all().get(Arguments.latin1(arguments[0]).toLowerCase(Locale.ROOT));
        if (command != null && !command.subcommands().isEmpty() && arguments.length > 1) {
            command = named((Arguments.latin1(arguments[0]) + '|' + Arguments.latin1(arguments[1]))
                    .getBytes(StandardCharsets.ISO_8859_1));
        }
        if (command == null) {
            throw new RedisError("ERR Invalid command specified");
        }
        if (!command.hasKeys()) {
            throw new RedisError("ERR The command has no key arguments");
        }
        if (!command.accepts(arguments.length)) {
            throw new RedisError("ERR Invalid number of arguments specified for command");
        }
        return command;
    }

    private Reply list(Call call) {
        Predicate<RedisCommand> listed = _ -> true;
        if (call.size() == 5 && call.is(2, "FILTERBY")) {
            listed = filter(call);
        } else if (call.size() != 2) {
            throw RedisError.syntax();
        }
        return Reply.texts(table.all().values().stream()
                .flatMap(command -> Stream.concat(Stream.of(command), command.subcommands().stream()))
                .filter(listed)
                .map(RedisCommand::name)
                .toList());
    }

    private static Predicate<RedisCommand> filter(Call call) {
        byte[] value = call.argument(4);
        if (call.is(3, "MODULE")) {
            return _ -> false;
        }
        if (call.is(3, "ACLCAT")) {
            String category = "@" + Arguments.latin1(value).toLowerCase(Locale.ROOT);
            return command -> command.categories().contains(category);
        }
        if (call.is(3, "PATTERN")) {
            Glob pattern = new Glob(Arrays.copyOf(value, value.length), true);
            return command -> pattern.matches(command.name().getBytes(StandardCharsets.US_ASCII));
        }
        throw RedisError.syntax();
    }
}
