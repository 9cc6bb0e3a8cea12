package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The page tells why tests of Valkey are skipped: each is named below a reason, and the page has the reasons.
class ValkeySkipsTest {

    private static final String REASON = "# ";
    private static final String BEGINS = "<!-- reasons, checked -->\n\n";

    @Test
    void thePageHasTheReasons() throws Exception {
        List<String> lines = Files.readAllLines(Path.of("src/test/valkey/skip.txt"));
        String page = Files.readString(Path.of("../docs/redis.md"));
        StringBuilder reasons = new StringBuilder(BEGINS);
        lines.stream()
                .filter(line -> line.startsWith(REASON))
                .forEach(line -> reasons.append("- ").append(line.substring(2)).append('\n'));

        assertThat(lines.getFirst()).startsWith(REASON);
        assertThat(page).endsWith(reasons.toString());
    }
}
