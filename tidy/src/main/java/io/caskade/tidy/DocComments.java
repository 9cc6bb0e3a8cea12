package io.caskade.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Doc comments (`///`) that the formatter or a hand has broken: a paragraph cut in the middle, a tag within a
/// line, a missing space, an orphan.
final class DocComments implements Rule {

    private static final int WIDTH = 112;
    /// A cut leaves a few words; a paragraph that was wrapped by hand is seldom so ragged.
    private static final int FRAGMENT = 40;
    private static final Pattern OWN_LINE = Pattern.compile("^(```|~~~|\\||#|@|[-*+] |\\d+[.)] |>|    ).*");

    /// A tag that is no part of its line's code.
    private static final Pattern TAG_WITHIN = Pattern.compile("^[^`]*(`[^`]*`[^`]*)*\\S +@(param|return|throws)\\b.*");

    @Override
    public List<Finding> check(Repository repository) {
        List<Finding> findings = new ArrayList<>();
        for (String path : repository.paths(".java")) {
            check(path, repository.lines(path), repository.docComments(path), findings);
        }
        return findings;
    }

    private static void check(String path, List<String> lines, List<String> comments, List<Finding> findings) {
        boolean fenced = false;
        for (int i = 0; i < lines.size(); i++) {
            String line = comments.get(i).strip();
            if (comments.get(i).isEmpty()) {
                fenced = false;
                continue;
            }
            if (line.startsWith("////")) {
                findings.add(new Finding(path, i + 1, "four slashes", "begin a doc comment with ///"));
                continue;
            }
            if (line.length() > 3 && line.charAt(3) != ' ') {
                findings.add(new Finding(path, i + 1, "no space after ///", "write `/// text`"));
            }
            String next = i + 1 < lines.size() ? lines.get(i + 1).strip() : "";
            if (line.equals("///") && !next.startsWith("///")) {
                findings.add(new Finding(path, i + 1, "an empty line ends the doc comment", "remove it"));
            }
            if (next.startsWith("//") && !next.startsWith("///")) {
                findings.add(new Finding(path, i + 2, "an orphan after a doc comment", "join it with the line before"));
            }
            String text = text(line);
            fenced ^= text.startsWith("```") || text.startsWith("~~~");
            if (!fenced && TAG_WITHIN.matcher(text).matches()) {
                findings.add(new Finding(path, i + 1, "a tag within a line", "begin a line with it"));
            }
            if (!fenced && isCut(lines.get(i), text, next)) {
                findings.add(new Finding(
                        path, i + 1, "the paragraph is cut after \"" + text + "\"", "join the line with the next one"));
            }
        }
    }

    private static String text(String line) {
        String text = line.substring(3);
        return text.startsWith(" ") ? text.substring(1) : text;
    }

    /// Whether a line of a few words stands before another of its paragraph that would have fit behind it.
    private static boolean isCut(String line, String text, String next) {
        if (!next.startsWith("///") || next.startsWith("////") || text.length() > FRAGMENT) {
            return false;
        }
        String nextText = text(next);
        if (text.isBlank() || nextText.isBlank() || OWN_LINE.matcher(nextText).matches() || isWhole(text)) {
            return false;
        }
        int firstWord = nextText.strip().split("\\s", 2)[0].length();
        return line.stripTrailing().length() + 1 + firstWord <= WIDTH;
    }

    /// Whether a line is meant to stand alone.
    private static boolean isWhole(String text) {
        return text.startsWith("|") || text.startsWith("#") || text.startsWith("```") || text.startsWith("    ");
    }
}
