package io.caskade.tidy;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The repository keeps every rule. All findings are shown at once. `-Dtidy.root=DIR` checks another checkout.
class TidyTest {

    private static final List<Rule> RULES = List.of(
            new LineWidths(),
            new DocComments(),
            new JavadocLinks(),
            new MarkdownLinks(),
            new QuestionNames(),
            new DocReferences(),
            new DocSearches(),
            new LogLines(),
            new RetiredWords(),
            new ArgumentFiles());

    @Test
    void theRepositoryIsTidy() throws IOException {
        Repository repository = Repository.at(
                Path.of(System.getProperty("tidy.root", "..")).toAbsolutePath().normalize());

        List<Finding> findings = RULES.stream()
                .map(rule -> rule.check(repository))
                .flatMap(Collection::stream)
                .distinct()
                .sorted()
                .toList();

        if (!findings.isEmpty()) {
            fail(findings.size() + " findings:\n"
                    + findings.stream().map(Finding::toString).collect(Collectors.joining("\n")));
        }
    }
}
