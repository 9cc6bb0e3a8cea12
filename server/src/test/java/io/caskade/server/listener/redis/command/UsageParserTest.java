package io.caskade.server.listener.redis.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What stands for the arguments of a command is read.
class UsageParserTest {

    private static String shown(List<CommandArgument> arguments) {
        return arguments.stream().map(UsageParserTest::shown).collect(Collectors.joining(" "));
    }

    private static String shown(CommandArgument argument) {
        String parts = argument.parts().isEmpty() ? "" : "(" + shown(argument.parts()) + ")";
        return argument.name() + ":" + argument.type().word()
                + (argument.token() == null ? "" : "/" + argument.token())
                + parts
                + (argument.optional() ? "?" : "")
                + (argument.multiple() ? argument.multipleToken() ? "++" : "+" : "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "key:key value; key:key value:string",
                "[section] ...; section:string?+",
                "EX seconds:integer GET; seconds:integer/EX get:pure-token/GET",
                "condition=[NX | XX]; condition:oneof(nx:pure-token/NX xx:pure-token/XX)?",
                "data={key:key value} ...; data:block(key:key value:string)+",
                "[PREFIX prefix] ...; prefix:string/PREFIX?++",
                "[ID id:integer ...]; id:integer/ID?+",
                "[GET part={a b} | KEEP]; option:oneof(part:block/GET(a:string b:string) keep:pure-token/KEEP)?"
            })
    void aUsageIsRead(String usage, String arguments) {
        assertThat(shown(UsageParser.parse(usage))).isEqualTo(arguments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "key:key value; <key> <value>",
                "[section] ...; [<section> [<section> ...]]",
                "mode=[WRITE | ALL]; [WRITE|ALL]",
                "[PREFIX prefix] ...; [PREFIX <prefix> [PREFIX <prefix> ...]]",
                "[ID id:integer ...]; [ID <id> [<id> ...]]",
                "data={key:key value} ... [GET]; <key> <value> [<key> <value> ...] [GET]"
            })
    void aUsageIsWrittenForPeople(String usage, String text) {
        assertThat(UsageParser.parse(usage).stream().map(CommandArgument::text).collect(Collectors.joining(" ")))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a ]", "[a }", "a:nothing"})
    void whatIsNoUsageIsRefused(String usage) {
        assertThatThrownBy(() -> UsageParser.parse(usage)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theFewestWordsAreCounted() {
        List<CommandArgument> arguments = UsageParser.parse("{ON | EX seconds:integer} key:key ... [GET] {a b}");

        assertThat(arguments).extracting(CommandArgument::minWords).containsExactly(1, 1, 0, 2);
        assertThat(arguments).extracting(CommandArgument::isVariable).containsExactly(false, true, true, false);
        assertThat(arguments.getFirst().type()).isEqualTo(CommandArgument.Type.ONEOF);
    }
}
