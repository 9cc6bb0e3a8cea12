package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The sessions that pages show are what a terminal shows.
class RedisSessionsTest {

    private static final String START = "$ redis-cli";
    private static final String PROMPT = "127.0.0.1:6379> ";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"../README.md", "../docs/redis.md"})
    void eachCommandAnswersAsThePageSays(String page) throws Exception {
        List<String> session = session(Path.of(page));
        assertThat(session).isNotEmpty();
        try (RedisNode node = RedisNode.start(directory, Map.of());
                RawRedis redis = node.connect()) {
            List<String> shown = new ArrayList<>();
            for (int i = 0; i < session.size(); i++) {
                if (session.get(i).startsWith(PROMPT)) {
                    String command = session.get(i).substring(PROMPT.length());
                    shown.add(session.get(i));
                    shown.addAll(asShown(Transcript.withoutDelay(command, session.get(i + 1), redis.ask(command))));
                }
            }

            assertThat(shown).isEqualTo(session);
        }
    }

    private static List<String> session(Path page) throws Exception {
        List<String> lines = Files.readAllLines(page);
        int start = lines.indexOf(START) + 1;
        return lines.subList(start, start + lines.subList(start, lines.size()).indexOf("```"));
    }

    /// As `redis-cli` shows it; of arrays only the reply of a scan that has found one key.
    private static List<String> asShown(String reply) {
        return reply.startsWith("[")
                ? List.of("1) \"0\"", "2) 1) " + reply.replaceAll(".*\\[(.*)]]", "$1"))
                : List.of(reply.stripTrailing());
    }
}
