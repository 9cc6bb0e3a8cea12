package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The sessions that pages show are what a terminal shows.
class RedisSessionsTest {

    private static final String START = "$ redis-cli";
    private static final Pattern PROMPT = Pattern.compile("127\\.0\\.0\\.1:6379(\\(TX\\))?> (.*)");

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
                Matcher prompt = PROMPT.matcher(session.get(i));
                if (prompt.matches()) {
                    String command = prompt.group(2);
                    shown.add(session.get(i));
                    shown.addAll(asShown(Transcript.withoutDelay(command, session.get(i + 1), redis.ask(command))));
                }
            }

            assertThat(shown).isEqualTo(session);
        }
    }

    /// The sessions of a page, one after the other.
    private static List<String> session(Path page) throws Exception {
        List<String> lines = new ArrayList<>();
        boolean inSession = false;
        for (String line : Files.readAllLines(page)) {
            if (line.equals(START)) {
                inSession = true;
            } else if (line.equals("```")) {
                inSession = false;
            } else if (inSession) {
                lines.add(line);
            }
        }
        return lines;
    }

    /// As `redis-cli` shows it; of arrays in arrays only the reply of a scan that has found one key.
    private static List<String> asShown(String reply) {
        if (!reply.startsWith("[")) {
            return List.of(reply.stripTrailing());
        }
        if (reply.endsWith("]]")) {
            return List.of("1) \"0\"", "2) 1) " + reply.replaceAll(".*\\[(.*)]]", "$1"));
        }
        String[] elements = reply.substring(1, reply.length() - 1).split(", ", -1);
        return IntStream.range(0, elements.length)
                .mapToObj(i -> i + 1 + ") " + elements[i])
                .toList();
    }
}
