package io.caskade.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each rule finds what it is there to find, and lets the rest pass.
class RulesTest {

    private static final String PATH = "server/src/main/java/io/caskade/server/Node.java";

    private static List<String> findings(Rule rule, String... pathsAndTexts) {
        Map<String, String> texts = new TreeMap<>();
        for (int i = 0; i < pathsAndTexts.length; i += 2) {
            texts.put(pathsAndTexts[i], pathsAndTexts[i + 1]);
        }
        return rule.check(Repository.of(texts)).stream()
                .sorted()
                .map(Finding::toString)
                .toList();
    }

    private static List<String> java(Rule rule, String source) {
        return findings(rule, PATH, source);
    }

    @Test
    void aFindingNamesFileLineProblemAndRemedy() {
        assertThat(java(new DocComments(), "package a;\n//// Four.\nclass Node {}\n"))
                .containsExactly(PATH + ":2: four slashes; begin a doc comment with ///");
    }

    @Test
    void aCommandLineReadsNoFilesOfArguments() {
        Rule rule = new ArgumentFiles();
        assertThat(java(rule, "int a = new CommandLine(a).setExpandAtFiles(false).execute();"))
                .isEmpty();
        assertThat(java(rule, "new CommandLine(a).execute();\nnew CommandLine(b).setExpandAtFiles(false);"))
                .containsExactly(
                        PATH + ":1: this command line reads the files that @ names; call setExpandAtFiles(false)");
        assertThat(java(rule, "new CommandLine(a).setExpandAtFiles(true);")).hasSize(1);
    }

    @Nested
    class WidthsOfLines {

        private final Rule rule = new LineWidths();

        @Test
        void aJavaLineMayHave120Columns() {
            String word = "x".repeat(30) + " ";
            assertThat(java(rule, word.repeat(3) + "x".repeat(27) + "\n" + word.repeat(3) + "x".repeat(28)))
                    .singleElement()
                    .asString()
                    .startsWith(PATH + ":2: the line has 121 columns");
        }

        @Test
        void aDocCommentMayHave112Columns() {
            String words = "x ".repeat(52);
            assertThat(java(rule, "/// " + words + "xxxx\n    /// " + words + "x"))
                    .singleElement()
                    .asString()
                    .contains(":2: ", "113 columns", "before column 112");
        }

        @Test
        void literalsMayBeWider() {
            assertThat(java(
                            rule,
                            "String s = \"" + "a b ".repeat(40) + "\";\nString t = \"\"\"\n" + "a b ".repeat(40)
                                    + "\n\"\"\";\n"))
                    .isEmpty();
        }

        @Test
        void markdownMayHave120ColumnsButForTablesCodeAndAddresses() {
            String wide = "word ".repeat(25);
            assertThat(findings(rule, "a.md", wide + "\n| " + wide + " |\n```\n" + wide + "\n```\n" + "x".repeat(130)))
                    .singleElement()
                    .asString()
                    .startsWith("a.md:1: ");
        }
    }

    @Nested
    class BrokenDocComments {

        private final Rule rule = new DocComments();

        @Test
        void aParagraphIsNotCutInTheMiddle() {
            String cut = """
                    /// Reads what the log has from a sequence on, for a stream to another copy, and
                    /// whether
                    /// it is all of it.
                    """;
            assertThat(java(rule, cut)).singleElement().asString().contains(":2: ", "cut after \"whether\"");
        }

        @Test
        void aShortLastLineAListAndAnExampleAreNotCuts() {
            String whole = """
                    /// Reads what the log has from a sequence on, for a stream to another copy, and whether it
                    /// is all of it.
                    ///
                    /// Steps:
                    /// - one
                    /// - two
                    ///
                    /// ```
                    /// a
                    /// b
                    /// ```
                    """;
            assertThat(java(rule, whole)).isEmpty();
        }

        @Test
        void aTagBeginsItsLine() {
            assertThat(java(rule, "/// @param a the first @throws IOException when it fails\n"))
                    .hasSize(1);
            assertThat(java(rule, "/// @param a the first\n/// @throws IOException\n"))
                    .isEmpty();
            assertThat(java(rule, "/// Writes `a @param b` into it.\n")).isEmpty();
        }

        @Test
        void slashesAndSpacesAreAsTheyShouldBe() {
            assertThat(java(rule, "//// Four.\n")).hasSize(1);
            assertThat(java(rule, "///None.\n")).hasSize(1);
            assertThat(java(rule, "/// Some words of a sentence that is long enough.\n///\nint x;\n"))
                    .hasSize(1);
            assertThat(java(rule, "/// Some words of a sentence that the formatter\n// broke.\n"))
                    .hasSize(1);
        }
    }

    @Nested
    class LinksInDocComments {

        private final Rule rule = new JavadocLinks();

        @Test
        void aTypeThatIsGoneIsFound() {
            assertThat(java(rule, "package io.caskade.server;\n/// Runs an [EventLoop].\nclass Node {}\n"))
                    .singleElement()
                    .asString()
                    .contains(":2: ", "[EventLoop] leads to no type");
        }

        @Test
        void aMemberThatIsGoneIsFound() {
            String source = """
                    package io.caskade.server;
                    /// Like [#stop], [Node#start(int)] and [String#explode].
                    class Node { void start() {} }
                    """;
            assertThat(java(rule, source)).hasSize(3);
        }

        @Test
        void aQualifiedNameThatIsGoneIsFound() {
            assertThat(java(
                            rule,
                            "package io.caskade.server;\n/// A [node][io.caskade.server.Nodes].\nclass Node {}\n"))
                    .hasSize(1);
        }

        @Test
        void whatTheCompilerWouldSeeIsFoundThere() {
            String node = """
                    package io.caskade.server;
                    import io.caskade.api.Slots;
                    import java.nio.file.Path;
                    /// Uses [Slots#of(int)], [Path#resolve(String)], [String#length()], [Inner], [Inner#size],
                    /// [Base#run], [#run], [Kind#ONE] and [Neighbor]. No links: `[Gone]`, [the
                    /// page](docs/page.md), [0, 1], [word], byte\\[\\].
                    class Node extends Base {
                        /// [#from] and [#size()].
                        record Inner(int size) { static Inner from(int size) { return new Inner(size); } }
                        enum Kind { ONE }
                    }
                    class Base { void run() {} }
                    """;
            assertThat(findings(
                            rule,
                            PATH,
                            node,
                            "server/src/test/java/io/caskade/server/Neighbor.java",
                            "package io.caskade.server;\nclass Neighbor {}\n",
                            "api/src/main/java/io/caskade/api/Slots.java",
                            "package io.caskade.api;\npublic class Slots { static int of(int key) { return key; } }\n"))
                    .isEmpty();
        }

        @Test
        void generatedTypesAndOtherLibrariesAreTakenOnTrust() {
            String source = """
                    package io.caskade.server;
                    import io.caskade.api.v1.PutRequest;
                    import io.netty.channel.Channel;
                    /// Sends a [PutRequest#getKey()] to a [Channel#write].
                    class Node {}
                    """;
            assertThat(findings(rule, PATH, source, "api/a.proto", "option java_package = \"io.caskade.api.v1\";\n"))
                    .isEmpty();
        }
    }

    @Nested
    class LinksInMarkdown {

        private final Rule rule = new MarkdownLinks();

        @Test
        void aDeadLinkIsFound() {
            assertThat(findings(rule, "docs/a.md", "See [b](b.md),\n[up](../C.md) and [c][c].\n\n[c]: c.md\n"))
                    .hasSize(3)
                    .first()
                    .asString()
                    .contains("docs/a.md:1: ", "there is no docs/b.md");
        }

        @Test
        void aDeadAnchorIsFound() {
            assertThat(findings(rule, "a.md", "# One thing\n\nSee [it](#one-thing) and [another](#another).\n"))
                    .singleElement()
                    .asString()
                    .contains("a.md:3: ", "#another", "one-thing");
        }

        @Test
        void linksThatLeadSomewherePass() {
            String page = """
                    # What it's *called*, and `why`

                    [here](#what-its-called-and-why), [there](docs/b.md#two-1), [a folder](docs/), [out](https://a.example/b),
                    `[not](a-link.md)`

                    ```
                    [nor](this.md)
                    ```
                    """;
            assertThat(findings(rule, "a.md", page, "docs/b.md", "## Two\n## Two\n"))
                    .isEmpty();
        }
    }

    @Nested
    class NamesLikeQuestions {

        private final Rule rule = new QuestionNames();

        @Test
        void aVoidMethodIsNoQuestion() {
            String source = """
                    package io.caskade.server;
                    class Node {
                        void isFeeding(long sequence) {}
                        Runnable inner = new Runnable() {
                            public void run() {}
                            private void mayStop() {}
                        };
                    }
                    interface Other { void are(int epochs); }
                    """;
            assertThat(java(rule, source)).hasSize(3).first().asString().contains(":3: ", "isFeeding");
        }

        @Test
        void aVoidMethodIsNoStatement() {
            String source = """
                    package io.caskade.server;
                    class Node {
                        void diskIsFull() {}
                        void diskHasRoom() {}
                        boolean isFull() { return true; }
                        void markDiskFull() {}
                    }
                    """;
            assertThat(java(rule, source))
                    .hasSize(2)
                    .allMatch(finding -> finding.contains("diskIsFull") || finding.contains("diskHasRoom"));
        }

        @Test
        void questionsTestsAndForeignInterfacesPass() {
            String source = """
                    package io.caskade.server;
                    class Node {
                        @Test void theDiskIsFull() {}
                        boolean isOpen() { return true; }
                        void issue() {}
                        @Test void isOpenAtFirst() {}
                        @Override public void isLeader() {}
                    }
                    """;
            assertThat(java(rule, source)).isEmpty();
        }
    }

    @Nested
    class NamesInPages {

        private static final String SETTINGS =
                "| `storage.durability`<br>`CASKADE_STORAGE_DURABILITY` | `sync` | | |\n";
        private final Rule rule = new DocReferences();

        private List<String> page(String text) {
            return findings(
                    rule,
                    "docs/a.md",
                    text,
                    "docs/configuration.md",
                    SETTINGS,
                    "Makefile",
                    "build: ## build\n\tmvn\n",
                    "bin/caskade",
                    "",
                    "cli/src/main/java/io/caskade/cli/Commands.java",
                    "package io.caskade.cli;\nenum Commands { GET(\"KEY\"); static final String DATA = \"data\", V = \"verify\"; }\n",
                    PATH,
                    "package io.caskade.server;\nclass Node { String file = \"zookeeper-session\", s = \"caskade ready\"; void start() {} }\n");
        }

        @Test
        void aPathThatIsGoneIsFound() {
            assertThat(page("`server/src/main/java/io/caskade/server/Gone.java`"))
                    .hasSize(1);
            assertThat(page("`server/controller`")).hasSize(1);
            assertThat(page("`server/src/main/java/io/caskade/server`, `server/src/*/Node.java`, `run/node-1.log`"))
                    .hasSize(1);
        }

        @Test
        void aFileOfTheDataDirectoryThatNothingKeepsIsFound() {
            assertThat(page("`data-dir/session`")).singleElement().asString().contains("data-dir/session");
            assertThat(page("`data-dir/zookeeper-session`")).isEmpty();
        }

        @Test
        void aSettingOrVariableThatIsGoneIsFound() {
            assertThat(page("`storage.durabillity`")).hasSize(1);
            assertThat(page("`CASKADE_STORAGE_DURABLE`")).hasSize(1);
            assertThat(page("`storage.durability`, `CASKADE_STORAGE_DURABILITY`, `storage.md`, `java.util`"))
                    .isEmpty();
        }

        @Test
        void aMakeTargetThatIsGoneIsFound() {
            assertThat(page("`make bild`")).hasSize(1);
            assertThat(page("```sh\nmake -s bild\n```")).hasSize(1);
            assertThat(page("`make build`, and [make room](#room) or make do")).isEmpty();
        }

        @Test
        void aCommandOrProgramThatIsGoneIsFound() {
            assertThat(page("`caskade fetch hello`")).hasSize(1);
            assertThat(page("`caskade-top now`")).hasSize(1);
            assertThat(page("`bin/caskade get hello`, `caskade data verify DIR`, `caskade ready`"))
                    .isEmpty();
        }

        @Test
        void aTypeOrMemberThatIsGoneIsFound() {
            assertThat(page("`Nodes`")).hasSize(1);
            assertThat(page("`Node#begin`")).hasSize(1);
            assertThat(page("`Node`, `Node#start`, `IOException`, `String.length()`, `MARK`, `64MiB`"))
                    .isEmpty();
        }

        @Test
        void docCommentsNameTheirPathsToo() {
            assertThat(java(rule, "package io.caskade.server;\n/// See `server/gone`.\nclass Node {}\n"))
                    .hasSize(1);
        }
    }

    @Nested
    class WordsThatAreRetired {

        private static final String TABLE = """
                | retired | write | where | still right in |
                |---|---|---|---|
                | `beacon`, `beacons` | heartbeat | everywhere | |
                | `watermark` | high watermark | everywhere | `high watermark` |
                | `anew` | again | prose | |
                | `lane` | traffic class | names | |
                | `Parting` | `LogDivergence` | types | |
                """;
        private final Rule rule = new RetiredWords();

        private List<String> java(String source) {
            return findings(rule, "docs/retired-words.md", TABLE, PATH, source);
        }

        @Test
        void aWordIsFoundInCommentsMessagesAndNames() {
            assertThat(java("// A beacon.\n")).singleElement().asString().contains("write heartbeat");
            assertThat(java("String s = \"a beacon\";\n")).hasSize(1);
            assertThat(java("int beaconsSent;\nint BEACON_RATE;\n")).hasSize(2);
        }

        @Test
        void aWordIsFoundInPagesContractsAndScripts() {
            assertThat(findings(rule, "docs/retired-words.md", TABLE, "README.md", "Beacons.\n"))
                    .hasSize(1);
            assertThat(findings(rule, "docs/retired-words.md", TABLE, "a.proto", "int64 beacon_rate = 1; // Anew.\n"))
                    .hasSize(2);
            assertThat(findings(rule, "docs/retired-words.md", TABLE, "bin/caskade", "# a beacon\n"))
                    .hasSize(1);
        }

        @Test
        void aWordOfProseMayBeInNamesAndTheOtherWayRound() {
            assertThat(java("int anew; // The memory lane.\n")).isEmpty();
            assertThat(java("int fastLane; // Anew.\n")).hasSize(2);
        }

        @Test
        void aWelcomePhraseOrPartOfAWordPasses() {
            assertThat(java("long highWatermark; // The high watermark, high-watermark, beaconage.\n"))
                    .isEmpty();
            assertThat(java("long watermark; // The watermark.\n")).hasSize(2);
        }

        @Test
        void aTypeIsFoundByItsWholeName() {
            assertThat(java("Parting parting; // A [Parting] or `Parting#of`, Parting.\n"))
                    .hasSize(3);
        }

        @Test
        void theGlossaryItselfAndFileNamesPass() {
            assertThat(findings(rule, "docs/retired-words.md", TABLE, "README.md", "`a-beacon-is-lost.txt`\n"))
                    .isEmpty();
        }
    }

    @Nested
    class Searches {

        private final Rule rule = new DocSearches();

        private List<String> search(String line) {
            String source = "class Node {\n    void openStream(long id) {}\n}\n";
            return findings(rule, "docs/a.md", "```sh\n" + line + "\n```\n", PATH, source);
        }

        @Test
        void aSearchFindsSomething() {
            assertThat(search("git grep -n openStream -- server/src/main")).isEmpty();
            assertThat(search("git grep -n -i 'OPENSTREAM(long\\|closed' -- '*/src/main/*'"))
                    .isEmpty();
        }

        @Test
        void aSearchThatFindsNothingIsFound() {
            assertThat(search("git grep -n closeStream -- server/src/main"))
                    .containsExactly("docs/a.md:2: the search finds nothing; search for what is there");
            assertThat(search("git grep -n openStream -- client/src/main")).hasSize(1);
            assertThat(search("git grep -n openStream -- '*/src/main'")).hasSize(1);
            assertThat(search("git grep openStream"))
                    .containsExactly("docs/a.md:2: cannot read the search; write git grep PATTERN -- PATH");
        }
    }

    @Nested
    class LinesOfTheLog {

        private final Rule rule = new LogLines();

        @Test
        void aLineThatNothingLogsIsFound() {
            String node = "LOG.warn(\"follows {} in epoch {}, \" + \"not in sync\", leader, epoch);\n";
            String page =
                    "| line | means |\n|---|---|\n| `follows NODE in epoch E, not in sync` | |\n| `trails NODE` | |\n";
            assertThat(findings(rule, "docs/a.md", page, PATH, node))
                    .singleElement()
                    .asString()
                    .contains("docs/a.md:4: ", "trails");
        }
    }

    @Nested
    class ReadingTheRepository {

        @TempDir
        private Path root;

        private void write(String path) throws IOException {
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "text");
        }

        private void git(String... arguments) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(List.of("git"));
            command.addAll(List.of(arguments));
            assertThat(new ProcessBuilder(command)
                            .directory(root.toFile())
                            .start()
                            .waitFor())
                    .isZero();
        }

        @Test
        void onlyTrackedFilesCount() throws Exception {
            write("a.md");
            write("docs/b.md");
            write("docs/scratch.md");
            git("init", "-q");
            git("add", "a.md", "docs/b.md");
            assertThat(Repository.at(root).paths()).containsExactly("a.md", "docs/b.md");
        }

        @Test
        void withoutGitAllFilesCountButForWhatIsBuilt() throws IOException {
            write("a.md");
            write(".github/b.md");
            write("target/c.md");
            write(".idea/d.md");
            Repository repository = Repository.at(root);
            assertThat(repository.paths()).containsExactly(".github/b.md", "a.md");
            assertThat(repository.exists(".github")).isTrue();
            assertThat(repository.exists("target")).isFalse();
        }
    }

    @Nested
    class ReadingJava {

        @Test
        void tokensKnowCommentsFromLiterals() {
            String source =
                    "int a = '\\''; // b\nString c = \"// d\\\"\"; /* e\nf */ String g = \"\"\"\n  h \"i\"\n  \"\"\";";
            assertThat(JavaTokens.of(source))
                    .extracting(token -> token.line() + " " + token.kind() + " "
                            + token.text().strip())
                    .containsExactly(
                            "1 IDENTIFIER int",
                            "1 IDENTIFIER a",
                            "1 LITERAL '\\''",
                            "1 COMMENT // b",
                            "2 IDENTIFIER String",
                            "2 IDENTIFIER c",
                            "2 LITERAL \"// d\\\"\"",
                            "2 COMMENT /* e",
                            "3 COMMENT f */",
                            "3 IDENTIFIER String",
                            "3 IDENTIFIER g",
                            "3 LITERAL ",
                            "4 LITERAL h \"i\"",
                            "5 LITERAL \"\"\"");
        }

        @Test
        void identifiersAreWords() {
            assertThat(Words.of("highWatermark")).containsExactly("high", "watermark");
            assertThat(Words.of("HIGH_WATERMARK")).containsExactly("high", "watermark");
            assertThat(Words.of("isISRFull2")).containsExactly("is", "isr", "full", "2");
        }
    }
}
