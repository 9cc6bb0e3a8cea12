package io.caskade.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/// Reads one YAML document into [YamlNode]s. Keys given twice are noted as problems and the first counts;
/// anything that keeps the rest from being read at all throws.
final class YamlReader {

    private static final YAMLFactory YAML = new YAMLFactory();

    private final YAMLParser parser;
    private final Problems problems;

    private YamlReader(YAMLParser parser, Problems problems) {
        this.parser = parser;
        this.problems = problems;
    }

    static YamlNode read(String yaml, Problems problems) throws BrokenYaml {
        try (YAMLParser parser = YAML.createParser(yaml)) {
            return new YamlReader(parser, problems).document();
        } catch (JsonProcessingException e) {
            throw broken(e);
        } catch (IOException e) {
            throw new AssertionError("reading from memory failed", e);
        }
    }

    private YamlNode document() throws IOException, BrokenYaml {
        JsonToken first = parser.nextToken();
        if (first == null) {
            return new YamlNode.Nothing(1);
        }
        YamlNode root = node(first, "");
        if (parser.nextToken() != null) {
            throw new BrokenYaml(line(), "a second document; one file holds one", null);
        }
        return root;
    }

    private YamlNode node(JsonToken token, String path) throws IOException, BrokenYaml {
        int line = line();
        return switch (token) {
            case START_OBJECT -> mapping(line, path);
            case START_ARRAY -> {
                parser.skipChildren();
                yield new YamlNode.Sequence(line);
            }
            case VALUE_NULL -> new YamlNode.Nothing(line);
            case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE, VALUE_EMBEDDED_OBJECT ->
                scalar(line);
            case FIELD_NAME, END_OBJECT, END_ARRAY, NOT_AVAILABLE ->
                throw new IllegalStateException("the YAML parser put " + token + " where a value starts");
        };
    }

    private YamlNode scalar(int line) throws IOException, BrokenYaml {
        String text = parser.getText();
        if (parser.isCurrentAlias()) {
            throw new BrokenYaml(line, "the alias *" + text + "; write the value out", null);
        }
        return new YamlNode.Scalar(line, text);
    }

    private YamlNode mapping(int line, String parent) throws IOException, BrokenYaml {
        Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            int keyLine = line();
            String key = parser.currentName();
            String path = parent.isEmpty() ? key : parent + "." + key;
            YamlNode value = node(parser.nextToken(), path);
            YamlNode.Entry first = entries.putIfAbsent(key, new YamlNode.Entry(keyLine, value));
            if (first != null) {
                problems.addInFile(keyLine, path, "given twice, first on line " + first.line());
            }
        }
        return new YamlNode.Mapping(line, entries);
    }

    private int line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private static BrokenYaml broken(JsonProcessingException e) {
        Throwable cause = e.getCause();
        if (cause instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            return new BrokenYaml(marked.getProblemMark().getLine() + 1, marked.getProblem(), e);
        }
        int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
        return new BrokenYaml(line, e.getOriginalMessage().lines().findFirst().orElse(""), e);
    }

    /// The text is not one YAML document this package reads.
    static final class BrokenYaml extends Exception {

        private static final long serialVersionUID = 1L;

        private final int line;

        BrokenYaml(int line, String problem, @Nullable Throwable cause) {
            super(problem, cause);
            this.line = line;
        }

        int line() {
            return line;
        }
    }
}
