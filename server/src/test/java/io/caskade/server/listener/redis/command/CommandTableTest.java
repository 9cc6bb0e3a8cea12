package io.caskade.server.listener.redis.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every command that the table has is found, and described.
class CommandTableTest {

    private static final CommandTable TABLE = CommandPage.table();

    private static Stream<RedisCommand> all() {
        return TABLE.all().values().stream()
                .flatMap(command -> Stream.concat(Stream.of(command), command.subcommands().stream()));
    }

    private static byte[][] call(RedisCommand command, int arguments) {
        List<byte[]> words = new ArrayList<>();
        for (String word : command.name().toUpperCase(Locale.ROOT).split("\\|", -1)) {
            words.add(word.getBytes(ISO_8859_1));
        }
        while (words.size() < arguments) {
            words.add("1".getBytes(ISO_8859_1));
        }
        return words.toArray(byte[][]::new);
    }

    @Test
    void eachIsFoundByItsNameInWhateverCase() {
        all().filter(command -> command.subcommands().isEmpty())
                .forEach(command -> assertThat(TABLE.find(call(command, Math.abs(command.arity())))
                                .name())
                        .isEqualTo(command.name()));
    }

    @Test
    void eachChecksTheNumberOfItsArguments() {
        all().filter(command -> command.subcommands().isEmpty() && command.arity() > 1)
                .forEach(command -> assertThat(
                                TABLE.find(call(command, command.arity() + 1)).name())
                        .as(command.name())
                        .isEqualTo("unknown"));
    }

    @Test
    void eachIsDescribed() {
        all().forEach(command -> {
            assertThat(command.summary()).as(command.name()).endsWith(".");
            assertThat(command.since()).as(command.name()).matches("\\d\\.\\d+\\.\\d+");
            assertThat(command.group())
                    .as(command.name())
                    .isIn(
                            "string",
                            "bitmap",
                            "generic",
                            "connection",
                            "server",
                            "transactions",
                            "cluster",
                            "scripting");
            assertThat(command.arity()).as(command.name()).isNotZero();
        });
    }

    /// The fewest words of its usage are the fewest arguments that it takes, its name included.
    @Test
    void eachIsUsedWithTheArgumentsThatItTakes() {
        all().filter(command -> command.subcommands().isEmpty()).forEach(command -> {
            List<CommandArgument> usage = CommandUsages.of(command.name());
            int words = command.name().split("\\|", -1).length
                    + usage.stream().mapToInt(CommandArgument::minWords).sum();
            boolean variable = usage.stream().anyMatch(CommandArgument::isVariable);
            int arity = command.name().equals("quit") ? command.arity() : variable ? -words : words;
            assertThat(command.arity()).as(command.name()).isEqualTo(arity);
        });
    }

    @Test
    void eachUsageIsOfACommand() {
        assertThat(all().map(RedisCommand::name))
                .containsAll(CommandUsages.all().keySet());
    }

    @Test
    void eachKeyOfAUsageIsAKey() {
        all().forEach(command -> {
            boolean named = CommandUsages.of(command.name()).stream().anyMatch(CommandTableTest::namesKey);
            assertThat(named).as(command.name()).isEqualTo(command.hasKeys());
            List<byte[]> keys = KeyAccess.of(command).stream()
                    .flatMap(access -> access.keys().of(call(command, 6)).stream())
                    .toList();
            assertThat(keys).as(command.name()).hasSameSizeAs(command.keys().of(call(command, 6)));
        });
    }

    private static boolean namesKey(CommandArgument argument) {
        return argument.type() == CommandArgument.Type.KEY
                || argument.parts().stream().anyMatch(CommandTableTest::namesKey);
    }

    @Test
    void whatNamesKeysReadsOrWritesThem() {
        all().filter(command -> !command.isBarrier())
                .forEach(command -> assertThat(
                                command.isWrite() ^ command.flags().contains(Flag.READONLY))
                        .as(command.name())
                        .isTrue());
    }
}
