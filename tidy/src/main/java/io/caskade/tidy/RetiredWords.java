package io.caskade.tidy;

import io.caskade.tidy.JavaTokens.Kind;
import io.caskade.tidy.JavaTokens.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Retired words are used no more: not in pages, comments, messages, contracts or names. The table in
/// `docs/retired-words.md` says for each word where it is retired:
///
/// - `everywhere`: in prose and as a word of a name
/// - `prose`: in pages, comments and messages
/// - `names`: as a word of a name
/// - `types`: as the whole name of a type
final class RetiredWords implements Rule {

    static final String TABLE = "docs/retired-words.md";
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| (`[^|]+`) +\\| ([^|]+?) +\\| (everywhere|prose|names|types) +\\| ([^|]*?) *\\|$");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final Pattern FILE_NAME = Pattern.compile("[\\w/.-]+\\.(?:txt|md|json|log|png|svg)\\b");
    private static final Pattern CODE_SPAN_OR_LINK = Pattern.compile("`[^`\\n]+`|\\[[^\\]\\n]+\\]");
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_]\\w*");
    /// The pages that tell what a word has been replaced by, and the tests of this rule.
    private static final String RECORD = "docs/decisions/0013-";

    /// Its lines are a format on disk, whose words outlive the code's.
    private static final String COPY_FILE = "bitcask/src/main/java/io/caskade/bitcask/store/copy/CopyMetadataFile.java";

    private static final List<String> EXEMPT = List.of(
            TABLE,
            RECORD,
            COPY_FILE,
            COPY_FILE.replace("main", "test").replace(".java", "Test.java"),
            "docs/formats.md",
            "tidy/",
            "LICENSE");

    /// A word, what to write for it, and the phrases in which it is welcome.
    private record Retired(
            String word,
            String instead,
            String where,
            @Nullable Pattern pattern,
            List<Pattern> welcome) {

        boolean isInProse() {
            return where.equals("everywhere") || where.equals("prose");
        }

        boolean isInNames() {
            return where.equals("everywhere") || where.equals("names");
        }
    }

    @Override
    public List<Finding> check(Repository repository) {
        if (!repository.isFile(TABLE)) {
            return List.of();
        }
        Check check = new Check(retired(repository.text(TABLE)));
        repository
                .paths()
                .filter(path -> EXEMPT.stream().noneMatch(path::startsWith))
                .forEach(path -> check.file(path, repository));
        return check.findings;
    }

    private static List<Retired> retired(String table) {
        List<Retired> words = new ArrayList<>();
        ROW.matcher(table).results().forEach(row -> {
            List<Pattern> welcome = QUOTED.matcher(row.group(4))
                    .results()
                    .map(found -> phrase(found.group(1)))
                    .toList();
            QUOTED.matcher(row.group(1)).results().forEach(found -> {
                String where = row.group(3);
                Pattern pattern = where.equals("types") ? null : phrase(found.group(1));
                words.add(new Retired(found.group(1), row.group(2), where, pattern, welcome));
            });
        });
        return words;
    }

    /// Whether a line of a page is about retired names, and may name them.
    static boolean tellsOfRetired(String path, String line) {
        return path.startsWith(RECORD)
                || (path.equals(TABLE) && ROW.matcher(line).matches());
    }

    private static Pattern phrase(String words) {
        return Pattern.compile("\\b" + words.replace(" ", "[\\s-]+") + "\\b", Pattern.CASE_INSENSITIVE);
    }

    /// One pass over the repository.
    private static final class Check {

        private final List<Finding> findings = new ArrayList<>();
        private final List<Retired> prose;
        private final Set<String> firstWords;
        private final List<Retired> names;
        private final Map<String, Retired> types = new HashMap<>();
        private final Map<String, List<Retired>> known = new HashMap<>();

        Check(List<Retired> retired) {
            prose = retired.stream().filter(Retired::isInProse).toList();
            firstWords = prose.stream()
                    .map(word -> word.word().split(" ", 2)[0].toLowerCase(Locale.ROOT))
                    .collect(Collectors.toSet());
            names = retired.stream().filter(Retired::isInNames).toList();
            retired.stream().filter(word -> word.where().equals("types")).forEach(word -> types.put(word.word(), word));
        }

        void file(String path, Repository repository) {
            if (path.endsWith(".java")) {
                for (Token token : repository.tokens(path)) {
                    if (token.kind() == Kind.IDENTIFIER) {
                        name(path, token.line(), token.text());
                    } else {
                        prose(path, token.line(), token.text());
                    }
                }
            } else if (path.endsWith(".proto")) {
                List<String> lines = repository.lines(path);
                for (int i = 0; i < lines.size(); i++) {
                    String[] parts = lines.get(i).split("//", 2);
                    int line = i + 1;
                    IDENTIFIER.matcher(parts[0]).results().forEach(found -> name(path, line, found.group()));
                    prose(path, line, parts.length > 1 ? parts[1] : "");
                }
            } else if (isText(path)) {
                List<String> lines = repository.lines(path);
                for (int i = 0; i < lines.size(); i++) {
                    prose(path, i + 1, lines.get(i));
                }
            }
        }

        private static boolean isText(String path) {
            return Stream.of(".md", ".yaml", ".yml", ".xml", ".dot", "Makefile", ".txt")
                            .anyMatch(path::endsWith)
                    || path.startsWith("bin/")
                    || path.startsWith("make/");
        }

        private void prose(String path, int line, String text) {
            if (text.isBlank()) {
                return;
            }
            if (hasFirstWord(text)) {
                String words = FILE_NAME
                        .matcher(text)
                        .replaceAll(match -> " ".repeat(match.group().length()));
                prose.stream().filter(word -> isIn(words, word)).forEach(word -> report(path, line, word));
            }
            CODE_SPAN_OR_LINK
                    .matcher(text)
                    .results()
                    .forEach(span -> IDENTIFIER
                            .matcher(span.group())
                            .results()
                            .forEach(found -> typeName(path, line, found.group())));
        }

        /// Whether a text may hold a retired word: quick, as it is asked of every line there is.
        private boolean hasFirstWord(String text) {
            int begin = 0;
            for (int i = 0; i <= text.length(); i++) {
                if (i == text.length() || !Character.isLetterOrDigit(text.charAt(i))) {
                    if (i > begin
                            && firstWords.contains(text.substring(begin, i).toLowerCase(Locale.ROOT))) {
                        return true;
                    }
                    begin = i + 1;
                }
            }
            return false;
        }

        private void name(String path, int line, String identifier) {
            typeName(path, line, identifier);
            for (Retired word : known.computeIfAbsent(identifier, this::retiredIn)) {
                report(path, line, word);
            }
        }

        private List<Retired> retiredIn(String identifier) {
            String words = String.join(" ", Words.of(identifier));
            return names.stream().filter(word -> isIn(words, word)).toList();
        }

        private void typeName(String path, int line, String identifier) {
            Retired type = types.get(identifier);
            if (type != null) {
                report(path, line, type);
            }
        }

        private static boolean isIn(String text, Retired word) {
            if (word.pattern() == null) {
                return false;
            }
            Matcher matcher = word.pattern().matcher(text);
            while (matcher.find()) {
                int start = matcher.start();
                int end = matcher.end();
                boolean isWelcome = word.welcome().stream()
                        .flatMap(phrase -> phrase.matcher(text).results())
                        .anyMatch(phrase -> phrase.start() <= start && end <= phrase.end());
                if (!isWelcome) {
                    return true;
                }
            }
            return false;
        }

        private void report(String path, int line, Retired word) {
            findings.add(new Finding(path, line, "\"" + word.word() + "\" is retired", "write " + word.instead()));
        }
    }
}
