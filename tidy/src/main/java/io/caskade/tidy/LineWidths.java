package io.caskade.tidy;

import io.caskade.tidy.JavaTokens.Kind;
import io.caskade.tidy.JavaTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Java lines have at most 120 columns and doc comments 112, as the formatter breaks longer ones badly;
/// Markdown prose has at most 120. Literals, tables, fenced code, generated parts and long addresses may be
/// wider.
final class LineWidths implements Rule {

    private static final int CODE = 120;
    private static final int DOC_COMMENT = 112;
    private static final int PROSE = 120;
    private static final Pattern ADDRESS = Pattern.compile("\\S{60,}");

    @Override
    public List<Finding> check(Repository repository) {
        List<Finding> findings = new ArrayList<>();
        for (String path : repository.paths(".java")) {
            List<String> lines = repository.lines(path);
            List<String> comments = repository.docComments(path);
            Set<Integer> literals = linesWithLiterals(repository, path);
            for (int i = 0; i < lines.size(); i++) {
                if (!literals.contains(i + 1)) {
                    check(findings, path, i, lines.get(i), isProse(comments.get(i)) ? DOC_COMMENT : CODE);
                }
            }
        }
        for (String path : repository.paths(".md")) {
            List<String> lines = Markdown.withoutFences(Markdown.withoutGenerated(repository.lines(path)));
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (!line.startsWith("|")) {
                    check(findings, path, i, line, PROSE);
                }
            }
        }
        return findings;
    }

    private static boolean isProse(String comment) {
        return !comment.isEmpty() && !comment.startsWith("/// |");
    }

    private static Set<Integer> linesWithLiterals(Repository repository, String path) {
        return repository.tokens(path).stream()
                .filter(token -> token.kind() == Kind.LITERAL)
                .map(Token::line)
                .collect(Collectors.toSet());
    }

    private static void check(List<Finding> findings, String path, int index, String line, int width) {
        int columns = line.codePointCount(0, line.length());
        if (columns > width && !ADDRESS.matcher(line).find()) {
            findings.add(new Finding(
                    path, index + 1, "the line has " + columns + " columns", "break it before column " + width));
        }
    }
}
