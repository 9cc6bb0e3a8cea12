package io.caskade.server.listener.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;

/// Sends the lines of a transcript that begin with `> `, and expects the lines after each as its reply.
final class Transcript {

    private Transcript() {}

    static void check(RawRedis connection, String transcript) throws IOException {
        List<String> lines = transcript.lines().filter(line -> !line.isBlank()).toList();
        for (int i = 0; i < lines.size(); i += 2) {
            String command = lines.get(i);
            assertThat(command).startsWith("> ");
            assertThat(connection.ask(command.substring(2))).as(command).isEqualTo(lines.get(i + 1));
        }
    }
}
