package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sends the lines of a transcript that begin with `> `, and expects the line after each as its reply. A time
/// to live may be some seconds shorter: the machine may be busy.
final class Transcript {

    private static final Pattern SECONDS = Pattern.compile("\\(integer\\) (\\d+)");
    private static final long MAX_DELAY_SECONDS = 30;

    private Transcript() {}

    static void check(RawRedis connection, String transcript) throws IOException {
        List<String> lines = transcript.lines().filter(line -> !line.isBlank()).toList();
        for (int i = 0; i < lines.size(); i += 2) {
            assertThat(lines.get(i)).startsWith("> ");
            String command = lines.get(i).substring(2);
            String reply = lines.get(i + 1);
            assertThat(withoutDelay(command, reply, connection.ask(command)))
                    .as(command)
                    .isEqualTo(reply);
        }
    }

    /// What the reply would have been, had no time passed.
    static String withoutDelay(String command, String expected, String reply) {
        Matcher wanted = SECONDS.matcher(expected);
        Matcher actual = SECONDS.matcher(reply);
        if (!command.toLowerCase(Locale.ROOT).startsWith("ttl ") || !wanted.matches() || !actual.matches()) {
            return reply;
        }
        long delay = Long.parseLong(wanted.group(1)) - Long.parseLong(actual.group(1));
        return delay >= 0 && delay < MAX_DELAY_SECONDS ? expected : reply;
    }
}
