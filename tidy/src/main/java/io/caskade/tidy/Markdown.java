package io.caskade.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The parts of a Markdown text that rules look at.
final class Markdown {

    private static final Pattern SPAN = Pattern.compile("(?<!`)`([^`]+)`(?!`)");
    private static final Pattern FENCE = Pattern.compile("^\\s*(```|~~~).*");
    private static final Pattern HEADING = Pattern.compile("^#{1,6}\\s+(.*?)\\s*#*$");

    private static final Pattern GENERATED = Pattern.compile("^<!-- .*(?:written by|generated).* -->$");
    private static final Pattern END_OF_GENERATED = Pattern.compile("^<!-- end of .* -->$");

    /// A piece of text and the line it begins on.
    record Piece(int line, String text) {}

    private Markdown() {}

    /// The lines with fenced code blanked, so that line numbers stay.
    static List<String> withoutFences(List<String> lines) {
        return lines(lines, false);
    }

    /// The lines with those blanked that a program writes between two comments.
    static List<String> withoutGenerated(List<String> lines) {
        List<String> kept = new ArrayList<>();
        boolean generated = false;
        for (String line : lines) {
            generated |= GENERATED.matcher(line).matches();
            kept.add(generated ? "" : line);
            generated &= !END_OF_GENERATED.matcher(line).matches();
        }
        return kept;
    }

    /// The lines of fenced code, all others blanked.
    static List<String> fencesOnly(List<String> lines) {
        return lines(lines, true);
    }

    private static List<String> lines(List<String> lines, boolean fenced) {
        List<String> kept = new ArrayList<>();
        boolean inside = false;
        for (String line : lines) {
            if (FENCE.matcher(line).matches()) {
                inside = !inside;
                kept.add("");
            } else {
                kept.add(inside == fenced ? line : "");
            }
        }
        return kept;
    }

    /// The paragraphs and table rows outside fenced code.
    static List<Piece> paragraphs(List<String> lines) {
        List<Piece> paragraphs = new ArrayList<>();
        StringBuilder paragraph = new StringBuilder();
        int begin = 1;
        List<String> prose = withoutFences(lines);
        for (int i = 0; i <= prose.size(); i++) {
            String line = i < prose.size() ? prose.get(i) : "";
            if (line.isBlank() || line.startsWith("|") || line.startsWith("#")) {
                if (!paragraph.isEmpty()) {
                    paragraphs.add(new Piece(begin, paragraph.toString()));
                    paragraph.setLength(0);
                }
                if (!line.isBlank()) {
                    paragraphs.add(new Piece(i + 1, line));
                }
            } else {
                if (paragraph.isEmpty()) {
                    begin = i + 1;
                }
                paragraph.append(line).append('\n');
            }
        }
        return paragraphs;
    }

    /// The inline code: what stands between backticks.
    static List<Piece> codeSpans(List<String> lines) {
        List<Piece> spans = new ArrayList<>();
        for (Piece paragraph : paragraphs(lines)) {
            Matcher matcher = SPAN.matcher(paragraph.text());
            while (matcher.find()) {
                String code = matcher.group(1).replaceAll("\\s*\\n\\s*", " ");
                spans.add(new Piece(paragraph.line() + newlines(paragraph.text(), matcher.start()), code));
            }
        }
        return spans;
    }

    /// A text with what stands between backticks replaced by spaces; lines and columns stay.
    static String withoutCodeSpans(String text) {
        return SPAN.matcher(text).replaceAll(match -> blank(match));
    }

    private static String blank(MatchResult match) {
        return match.group().replaceAll("[^\\n]", " ");
    }

    /// How many lines begin before an offset.
    static int newlines(String text, int end) {
        return (int) text.substring(0, end).chars().filter(c -> c == '\n').count();
    }

    /// The anchors that GitHub gives the headings of a page.
    static List<String> anchors(List<String> lines) {
        List<String> anchors = new ArrayList<>();
        for (String line : withoutFences(lines)) {
            Matcher heading = HEADING.matcher(line);
            if (heading.matches()) {
                String anchor = slug(heading.group(1));
                String unique = anchor;
                for (int i = 1; anchors.contains(unique); i++) {
                    unique = anchor + "-" + i;
                }
                anchors.add(unique);
            }
        }
        return anchors;
    }

    private static String slug(String heading) {
        return heading.replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}\\s_-]", "")
                .replace(' ', '-');
    }
}
