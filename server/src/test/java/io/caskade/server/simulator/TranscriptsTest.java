package io.caskade.server.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Scenarios in `server/src/test/resources/transcripts`: what happens is written there by people, what replicas
/// do about it was written by them, and is the same today. `-Dtranscripts=write` writes it again; commit that
/// only once you understand the difference.
class TranscriptsTest {

    private static final Path TRANSCRIPTS = Path.of("src", "test", "resources", "transcripts");

    @ParameterizedTest
    @MethodSource("transcripts")
    void replicasFollowTheTranscripts(Path transcript) throws IOException {
        Path file = TRANSCRIPTS.resolve(transcript);
        List<String> written = Files.readAllLines(file);
        List<String> replayed = Scenario.replay(written);
        if ("write".equals(System.getProperty("transcripts"))) {
            Files.write(file, replayed);
        } else {
            assertThat(replayed)
                    .as("%s; rewrite it with -Dtranscripts=write", file)
                    .isEqualTo(written);
        }
    }

    /// Whether replicas still do what they have written; an event they cannot take at all is no.
    static boolean isAsWritten(Path transcript) throws IOException {
        List<String> written = Files.readAllLines(TRANSCRIPTS.resolve(transcript));
        try {
            return Scenario.replay(written).equals(written);
        } catch (RuntimeException _) {
            return false;
        }
    }

    static List<Path> transcripts() throws IOException {
        try (Stream<Path> files = Files.list(TRANSCRIPTS)) {
            return files.map(Path::getFileName)
                    .filter(name -> name.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
    }
}
