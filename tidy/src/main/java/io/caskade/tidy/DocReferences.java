package io.caskade.tidy;

import io.caskade.tidy.Markdown.Piece;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What pages and doc comments name in backticks exists: paths, files of a data directory, settings,
/// environment variables, make targets, commands, types and tests.
final class DocReferences implements Rule {

    private static final String SETTINGS_PAGE = "docs/configuration.md";
    private static final Pattern SETTING_ROW = Pattern.compile("(?m)^\\| `([a-z][a-z.-]*)`<br>`([A-Z_]+)`");
    private static final Pattern MAKE_TARGET = Pattern.compile("(?m)^([a-z][a-z-]*):");
    private static final Pattern MAKE_CALL = Pattern.compile("(?<![\\w./-])make((?: -\\w+)*) ([a-z][a-z-]*)");
    private static final Pattern PATH =
            Pattern.compile("(?:\\./)?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.*-]+)+/?|(?:[a-z-]+/)");
    private static final Pattern SETTING = Pattern.compile("[a-z][a-z-]*(?:\\.[a-z][a-z-]*)+");
    private static final Pattern FILE_NAME = Pattern.compile(
            ".*\\.(?:md|json|yaml|yml|txt|log|hint|java|proto|xml|sh|png|svg|jar|pid|new|dot|gz|aot|conf)");
    private static final Pattern VARIABLE = Pattern.compile("CASKADE_[A-Z_]+");
    private static final Pattern TYPE = Pattern.compile(
            "((?![KMGT]iB$)[A-Z][a-z0-9]\\w*)((?:\\.[A-Z][a-z0-9]\\w*)*)(?:[.#]([a-z]\\w*))?(?:\\(.*\\))?");
    private static final Pattern DECLARED_IN_PROTO = Pattern.compile("(?m)^\\s*(?:message|service|enum|rpc) (\\w+)");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?[\\w.]*?\\.([A-Z]\\w*)");

    @Override
    public List<Finding> check(Repository repository) {
        Check check = new Check(repository);
        for (String path : repository.paths(".md")) {
            check.page(path);
        }
        for (String path : repository.paths(".java")) {
            check.docComments(path);
        }
        return check.findings;
    }

    /// One pass over the pages and doc comments.
    private static final class Check {

        private final List<Finding> findings = new ArrayList<>();
        private final Repository repository;
        private final Set<String> roots = new TreeSet<>();
        private final Set<String> settings = new TreeSet<>();
        private final Set<String> groups = new HashSet<>();
        private final Set<String> variables = new HashSet<>();
        private final Set<String> targets = new TreeSet<>();
        private final Set<String> types = new HashSet<>();
        private final Set<String> members = new HashSet<>();
        private final String sources;
        private final String commands;

        Check(Repository repository) {
            this.repository = repository;
            repository.paths().filter(path -> path.contains("/")).forEach(path -> roots.add(path.split("/", 2)[0]));
            if (repository.isFile(SETTINGS_PAGE)) {
                SETTING_ROW.matcher(repository.text(SETTINGS_PAGE)).results().forEach(row -> {
                    settings.add(row.group(1));
                    variables.add(row.group(2));
                    if (row.group(1).contains(".")) {
                        groups.add(row.group(1).substring(0, row.group(1).indexOf('.')));
                    }
                });
            }
            if (repository.isFile("Makefile")) {
                MAKE_TARGET
                        .matcher(repository.text("Makefile"))
                        .results()
                        .forEach(found -> targets.add(found.group(1)));
            }
            sources = texts(path -> path.endsWith(".java") && path.contains("/src/main/"));
            commands = texts(path -> path.startsWith("cli/src/main/") && path.endsWith(".java"));
            addTypes();
            addVariables();
        }

        private String texts(java.util.function.Predicate<String> included) {
            StringBuilder texts = new StringBuilder();
            repository.paths().filter(included).forEach(path -> texts.append(repository.text(path)));
            return texts.toString();
        }

        private void addTypes() {
            repository.java().types().forEach(type -> {
                types.add(type.simpleName());
                type.members().forEach(member -> members.add(member.name()));
            });
            for (String path : repository.paths(".java")) {
                IMPORT.matcher(repository.text(path)).results().forEach(found -> types.add(found.group(1)));
            }
            for (String path : repository.paths(".proto")) {
                DECLARED_IN_PROTO.matcher(repository.text(path)).results().forEach(found -> types.add(found.group(1)));
            }
        }

        private void addVariables() {
            repository
                    .paths()
                    .filter(path -> !path.endsWith(".md"))
                    .forEach(path -> VARIABLE.matcher(repository.text(path))
                            .results()
                            .forEach(found -> variables.add(found.group())));
        }

        void page(String path) {
            List<String> lines = repository.lines(path);
            List<String> fenced = Markdown.fencesOnly(lines);
            for (int i = 0; i < fenced.size(); i++) {
                make(path, i + 1, fenced.get(i));
            }
            for (Piece span : Markdown.codeSpans(lines)) {
                span(path, span.line(), span.text());
                if (!RetiredWords.tellsOfRetired(path, lines.get(span.line() - 1))) {
                    type(path, span.line(), span.text());
                }
            }
        }

        void docComments(String path) {
            List<String> comments = repository.docComments(path).stream()
                    .map(line -> line.isEmpty() ? line : line.substring(3).strip())
                    .toList();
            for (Piece span : Markdown.codeSpans(comments)) {
                span(path, span.line(), span.text());
            }
        }

        private void span(String path, int line, String code) {
            make(path, line, code);
            command(path, line, code);
            VARIABLE.matcher(code).results().forEach(found -> variable(path, line, found.group()));
            String word = code.split(" ", 2)[0];
            if (word.startsWith("data-dir/")) {
                dataFile(path, line, word);
            } else if (PATH.matcher(word).matches()) {
                path(path, line, word.startsWith("./") ? word.substring(2) : word);
            } else if (SETTING.matcher(code).matches()
                    && !FILE_NAME.matcher(code).matches()) {
                setting(path, line, code);
            }
        }

        private void path(String path, int line, String named) {
            String root = named.split("/", 2)[0];
            if (!roots.contains(root) || named.contains("/target/") || named.endsWith("/target")) {
                return;
            }
            boolean isThere = named.contains("*") ? matchesGlob(named) : repository.exists(named);
            if (!isThere) {
                report(path, line, "there is no " + named, "name a path that git tracks");
            }
        }

        private boolean matchesGlob(String glob) {
            Pattern pattern = Pattern.compile(Pattern.quote(glob).replace("*", "\\E[^/]*\\Q") + "(/.*)?");
            return repository.paths().anyMatch(file -> pattern.matcher(file).matches());
        }

        private void dataFile(String path, int line, String named) {
            String name = named.split("/", -1)[1];
            if (!name.isEmpty() && Character.isLowerCase(name.charAt(0)) && !sources.contains("\"" + name + "\"")) {
                report(path, line, "nothing keeps " + named, "name the file as the sources do");
            }
        }

        private void setting(String path, int line, String named) {
            boolean isGroup = settings.stream().anyMatch(setting -> setting.startsWith(named + "."));
            if (groups.contains(named.split("\\.", 2)[0]) && !settings.contains(named) && !isGroup) {
                report(path, line, "there is no setting " + named, "the settings are in " + SETTINGS_PAGE);
            }
        }

        private void variable(String path, int line, String named) {
            boolean isPrefix = variables.stream().anyMatch(variable -> variable.startsWith(named));
            if (!isPrefix) {
                report(path, line, "nothing reads the variable " + named, "the settings are in " + SETTINGS_PAGE);
            }
        }

        private void make(String path, int line, String code) {
            Matcher call = MAKE_CALL.matcher(code);
            while (call.find()) {
                if (!targets.isEmpty() && !targets.contains(call.group(2))) {
                    report(
                            path,
                            line,
                            "there is no make target " + call.group(2),
                            "the targets are " + String.join(", ", targets));
                }
            }
        }

        /// `caskade data verify DIR`, `bin/caskade get hello`, `caskade-cluster start`.
        private void command(String path, int line, String code) {
            String[] words = code.split(" +", -1);
            String program = words[0].substring(words[0].lastIndexOf('/') + 1);
            if (program.startsWith("caskade-") && words.length > 1 && !repository.isFile("bin/" + program)) {
                report(path, line, "there is no program " + program, "the programs are in bin/");
            }
            if (!program.equals("caskade")
                    || commands.isEmpty()
                    || words[0].contains("=")
                    || sources.contains("\"" + code)) {
                return;
            }
            int depth = words.length > 2 && Set.of("data", "cluster").contains(words[1]) ? 2 : 1;
            for (int i = 1; i <= depth && i < words.length; i++) {
                if (words[i].matches("[a-z][a-z-]*") && !isCommand(words[i])) {
                    report(path, line, "the shell has no command " + words[i], "see `caskade help`");
                }
            }
        }

        private boolean isCommand(String word) {
            String constant = word.toUpperCase(Locale.ROOT).replace('-', '_');
            return commands.contains("\"" + word + "\"")
                    || commands.contains(" " + constant + "(")
                    || Pattern.compile("[ \"|]" + word + "[ \"|]")
                            .matcher(commands)
                            .find();
        }

        private void type(String path, int line, String code) {
            Matcher matcher = TYPE.matcher(code);
            if (!matcher.matches()) {
                return;
            }
            List<String> named = new ArrayList<>(List.of(matcher.group(1)));
            for (String nested : matcher.group(2).split("\\.", -1)) {
                if (!nested.isEmpty()) {
                    named.add(nested);
                }
            }
            String member = matcher.group(3);
            boolean isOurs = types.contains(named.getFirst());
            for (String type : named) {
                if (!types.contains(type) && !isOfTheJdk(type)) {
                    report(path, line, "there is no type " + type, "name it as the sources do");
                    return;
                }
            }
            if (member != null && isOurs && !members.contains(member) && !sources.contains(member + "(")) {
                report(
                        path,
                        line,
                        "there is no member " + member + " of " + matcher.group(1),
                        "name it as the sources do");
            }
        }

        private static boolean isOfTheJdk(String name) {
            for (String packageName : List.of(
                    "java.lang.",
                    "java.util.",
                    "java.io.",
                    "java.nio.",
                    "java.nio.channels.",
                    "java.time.",
                    "java.util.concurrent.",
                    "java.lang.foreign.")) {
                try {
                    Class.forName(packageName + name, false, ClassLoader.getPlatformClassLoader());
                    return true;
                } catch (ClassNotFoundException e) {
                    // The next package.
                }
            }
            return false;
        }

        private void report(String path, int line, String problem, String advice) {
            findings.add(new Finding(path, line, problem, advice));
        }
    }
}
