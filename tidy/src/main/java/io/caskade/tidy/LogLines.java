package io.caskade.tidy;

import io.caskade.tidy.JavaTokens.Kind;
import io.caskade.tidy.JavaTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Log lines that a page explains, in a table whose first column is `line`, are lines that the sources write.
/// Words in capitals and `…` stand for what differs from line to line.
final class LogLines implements Rule {

    private static final Pattern HEADER = Pattern.compile("^\\| line +\\|.*");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\b[A-Z]+\\b|…");
    private static final Pattern EDGES = Pattern.compile("^[^\\p{L}]+|[^\\p{L}]+$");

    @Override
    public List<Finding> check(Repository repository) {
        List<Finding> findings = new ArrayList<>();
        String written = null;
        for (String path : repository.paths(".md")) {
            List<String> lines = Markdown.withoutFences(repository.lines(path));
            boolean inside = false;
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                inside = HEADER.matcher(line).matches() || (inside && line.startsWith("|"));
                if (inside && path.startsWith("docs/")) {
                    written = written == null ? literals(repository) : written;
                    check(path, i + 1, line.split("\\|", 3)[1], written, findings);
                }
            }
        }
        return findings;
    }

    private static void check(String path, int line, String cell, String written, List<Finding> findings) {
        QUOTED.matcher(cell).results().forEach(message -> {
            for (String part : PLACEHOLDER.split(message.group(1), -1)) {
                String fixed = EDGES.matcher(part).replaceAll("");
                if (!written.contains(fixed)) {
                    findings.add(new Finding(
                            path, line, "nothing logs \"" + fixed + "\"", "write the line as the sources log it"));
                }
            }
        });
    }

    /// All string literals, without what joins one to the next.
    private static String literals(Repository repository) {
        return repository.paths(".java").stream()
                .filter(path -> path.contains("/src/main/"))
                .flatMap(path -> repository.tokens(path).stream())
                .filter(token -> token.kind() == Kind.LITERAL)
                .map(Token::text)
                .map(text -> text.startsWith("\"") && text.endsWith("\"") && text.length() > 1
                        ? text.substring(1, text.length() - 1)
                        : text)
                .collect(Collectors.joining());
    }
}
