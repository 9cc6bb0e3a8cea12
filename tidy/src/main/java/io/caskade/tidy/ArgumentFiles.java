package io.caskade.tidy;

import io.caskade.tidy.JavaTokens.Kind;
import io.caskade.tidy.JavaTokens.Token;
import java.util.ArrayList;
import java.util.List;

/// No program takes an argument that begins with `@` for the name of a file with more arguments, as picocli
/// does unless it is told otherwise: keys and values may begin with it.
final class ArgumentFiles implements Rule {

    @Override
    public List<Finding> check(Repository repository) {
        List<Finding> findings = new ArrayList<>();
        for (String path : repository.paths(".java")) {
            List<Token> identifiers = repository.tokens(path).stream()
                    .filter(token -> token.kind() == Kind.IDENTIFIER)
                    .toList();
            for (int i = 1; i < identifiers.size(); i++) {
                boolean creates = identifiers.get(i).text().equals("CommandLine")
                        && identifiers.get(i - 1).text().equals("new");
                if (creates && !isTurnedOff(identifiers.subList(i, identifiers.size()))) {
                    findings.add(new Finding(
                            path,
                            identifiers.get(i).line(),
                            "this command line reads the files that @ names",
                            "call setExpandAtFiles(false)"));
                }
            }
        }
        return findings;
    }

    /// Whether the command line that is created first is told so before the next is created.
    private static boolean isTurnedOff(List<Token> identifiers) {
        for (int i = 1; i < identifiers.size(); i++) {
            String text = identifiers.get(i).text();
            if (text.equals("setExpandAtFiles")) {
                return identifiers.get(i + 1).text().equals("false");
            }
            if (text.equals("CommandLine") && identifiers.get(i - 1).text().equals("new")) {
                return false;
            }
        }
        return false;
    }
}
