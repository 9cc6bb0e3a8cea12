package io.caskade.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A search that a page tells its readers to run finds something: each `git grep` in a fenced block, over the
/// paths that it names.
final class DocSearches implements Rule {

    private static final Pattern SEARCH = Pattern.compile("^git grep ((?:-\\w+ )*)('[^']+'|\\S+) -- (.+)$");
    private static final String LITERALS_OF_BASIC_EXPRESSIONS = "(){}+?|";

    @Override
    public List<Finding> check(Repository repository) {
        List<Finding> findings = new ArrayList<>();
        for (String page : repository.paths(".md")) {
            List<String> lines = repository.lines(page);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                Matcher search = SEARCH.matcher(line);
                if (!line.startsWith("git grep ")) {
                    continue;
                }
                if (!search.matches()) {
                    findings.add(new Finding(page, i + 1, "cannot read the search", "write git grep PATTERN -- PATH"));
                } else if (!finds(search, repository)) {
                    findings.add(new Finding(page, i + 1, "the search finds nothing", "search for what is there"));
                }
            }
        }
        return findings;
    }

    private static boolean finds(Matcher search, Repository repository) {
        String words = unquoted(search.group(2));
        Pattern wanted =
                Pattern.compile(expression(words), search.group(1).contains("-i ") ? Pattern.CASE_INSENSITIVE : 0);
        List<Pattern> places = Pattern.compile(" +")
                .splitAsStream(search.group(3))
                .map(place -> place(unquoted(place)))
                .toList();
        return repository
                .paths()
                .filter(path ->
                        places.stream().anyMatch(place -> place.matcher(path).matches()))
                .anyMatch(path -> wanted.matcher(repository.text(path)).find());
    }

    private static String unquoted(String word) {
        return word.startsWith("'") ? word.substring(1, word.length() - 1) : word;
    }

    /// A basic regular expression as one of Java's.
    private static String expression(String basic) {
        StringBuilder java = new StringBuilder();
        for (int i = 0; i < basic.length(); i++) {
            char c = basic.charAt(i);
            boolean escaped = c == '\\' && i + 1 < basic.length();
            char next = escaped ? basic.charAt(i + 1) : c;
            boolean special = LITERALS_OF_BASIC_EXPRESSIONS.indexOf(next) >= 0;
            if (escaped && special) {
                java.append(next);
                i++;
            } else if (special) {
                java.append('\\').append(c);
            } else {
                java.append(c);
            }
        }
        return java.toString();
    }

    /// The paths that git takes a path or a wildcard for.
    private static Pattern place(String spec) {
        if (spec.contains("*")) {
            return Pattern.compile("\\Q" + spec.replace("*", "\\E.*\\Q") + "\\E");
        }
        String path = spec.endsWith("/") ? spec.substring(0, spec.length() - 1) : spec;
        return Pattern.compile(Pattern.quote(path) + "(?:/.*)?");
    }
}
