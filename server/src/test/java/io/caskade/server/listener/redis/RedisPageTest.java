package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.server.listener.redis.command.CommandPage;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The page says what the table of commands says. After a change of commands, run it with
/// `-Dshipped.files=write`, and read the difference before committing it.
class RedisPageTest {

    private static final Path PAGE = Path.of("../docs/redis.md");
    private static final String STARTS = "<!-- commands, generated -->\n\n";
    private static final String ENDS = "\n<!-- end of commands -->";

    @Test
    void thePageListsEachCommand() throws Exception {
        String page = Files.readString(PAGE);
        int start = page.indexOf(STARTS) + STARTS.length();
        int end = page.indexOf(ENDS);
        assertThat(start).isGreaterThan(STARTS.length()).isLessThanOrEqualTo(end);
        String rendered = page.substring(0, start) + CommandPage.render() + page.substring(end);
        if ("write".equals(System.getProperty("shipped.files"))) {
            Files.writeString(PAGE, rendered);
        }

        assertThat(PAGE).content().isEqualTo(rendered);
    }
}
