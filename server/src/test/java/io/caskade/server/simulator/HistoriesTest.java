package io.caskade.server.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The table of histories in `docs/replication.md` says what shows each of them: that has to be there. So has
/// every test that stands for a row of the table of roles in [SimulationTest].
class HistoriesTest {

    private static final Path HOUSE = Path.of("..");
    private static final Path TRANSCRIPTS = Path.of("src", "test", "resources", "transcripts");
    private static final int HISTORIES = 37;
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) (?:\\|[^|]*){3}\\|([^|]*)\\|$");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final Pattern MISTAKE = Pattern.compile("\\*([^*]+)\\*");

    @Test
    void everyHistoryNamesAnExistingTestTranscriptOrMutant() throws IOException {
        List<MatchResult> rows = ROW.matcher(Files.readString(HOUSE.resolve("docs/replication.md")))
                .results()
                .toList();
        Set<String> mistakes =
                MutantsTest.mutants().stream().map(Mutant::mistake).collect(Collectors.toSet());

        assertThat(rows).extracting(row -> Integer.parseInt(row.group(1))).hasSize(HISTORIES);
        for (MatchResult row : rows) {
            List<String> quoted = found(QUOTED, row.group(2));
            List<String> named = found(MISTAKE, row.group(2));
            assertThat(quoted.size() + named.size())
                    .as("what shows history %s", row.group(1))
                    .isPositive();
            assertThat(quoted).as("history %s", row.group(1)).allMatch(HistoriesTest::isThere);
            assertThat(mistakes).as("history %s", row.group(1)).containsAll(named);
        }
    }

    @Test
    void everyScriptedRoleTransitionHasItsTest() {
        assertThat(SimulationTest.SCRIPTED.values()).allMatch(HistoriesTest::isTest);
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1)).toList();
    }

    private static boolean isThere(String named) {
        return named.endsWith(".txt") ? Files.exists(TRANSCRIPTS.resolve(named)) : isTest(named);
    }

    /// `Class#method`, in any module: their classes are not all on one class path, but their sources are beside
    /// each other.
    private static boolean isTest(String named) {
        int hash = named.indexOf('#');
        String file = named.substring(0, hash) + ".java";
        try (Stream<Path> modules = Files.list(HOUSE)) {
            for (Path sources : modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                if (holds(sources, file, " void " + named.substring(hash + 1) + "(")) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean holds(Path sources, String file, String text) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path source : files.filter(
                            path -> path.getFileName().toString().equals(file))
                    .toList()) {
                if (Files.readString(source).contains(text)) {
                    return true;
                }
            }
            return false;
        }
    }
}
