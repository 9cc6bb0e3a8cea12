package io.caskade.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Relative links and anchors in Markdown lead to a file, a directory or a heading of the repository.
final class MarkdownLinks implements Rule {

    private static final Pattern LINK =
            Pattern.compile("\\]\\(\\s*<?([^)\\s>]+)>?[^)]*\\)|^\\[[^\\]]+\\]:\\s+(\\S+)|(?:src|href)=\"([^\"]+)\"");
    private static final Pattern ELSEWHERE = Pattern.compile("^[a-z][a-z+.-]*:.*");

    @Override
    public List<Finding> check(Repository repository) {
        List<Finding> findings = new ArrayList<>();
        for (String path : repository.paths(".md")) {
            List<String> lines = repository.lines(path);
            for (Markdown.Piece paragraph : Markdown.paragraphs(lines)) {
                String text = Markdown.withoutCodeSpans(paragraph.text());
                Matcher link = LINK.matcher(text);
                while (link.find()) {
                    String target = link.group(1) != null
                            ? link.group(1)
                            : link.group(2) != null ? link.group(2) : link.group(3);
                    int line = paragraph.line() + Markdown.newlines(text, link.start());
                    check(repository, path, line, target, findings);
                }
            }
        }
        return findings;
    }

    private static void check(Repository repository, String path, int line, String target, List<Finding> findings) {
        if (ELSEWHERE.matcher(target).matches()) {
            return;
        }
        int hash = target.indexOf('#');
        String file = hash < 0 ? target : target.substring(0, hash);
        String resolved = file.isEmpty() ? path : resolve(path, file);
        if (!repository.exists(resolved)) {
            findings.add(new Finding(path, line, "the link to " + target + " is dead", "there is no " + resolved));
        } else if (hash >= 0 && resolved.endsWith(".md")) {
            List<String> anchors = Markdown.anchors(repository.lines(resolved));
            if (!anchors.contains(target.substring(hash + 1))) {
                findings.add(new Finding(
                        path,
                        line,
                        "the link to " + target + " is dead",
                        "the headings of " + resolved + " are " + String.join(", ", anchors)));
            }
        }
    }

    private static String resolve(String from, String target) {
        List<String> parts = new ArrayList<>();
        int slash = from.lastIndexOf('/');
        String whole = (slash < 0 ? "" : from.substring(0, slash + 1)) + target;
        for (String part : whole.split("/", -1)) {
            if (part.equals("..")) {
                if (parts.isEmpty()) {
                    return whole;
                }
                parts.removeLast();
            } else if (!part.equals(".") && !part.isEmpty()) {
                parts.add(part);
            }
        }
        return String.join("/", parts);
    }
}
