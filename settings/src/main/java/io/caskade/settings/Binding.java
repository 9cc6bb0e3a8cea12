package io.caskade.settings;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns what was read into records, noting every mistake. One binding serves one loading, on one thread.
final class Binding {

    private final Schema.Group root;
    private final Map<String, String> environment;
    private final Problems problems;
    private final Map<String, Integer> lines = new HashMap<>();

    Binding(Schema.Group root, Map<String, String> environment, Problems problems) {
        this.root = root;
        this.environment = environment;
        this.problems = problems;
    }

    /// The root record; empty when problems were noted.
    Optional<Object> bind(YamlNode node) {
        return group(root, node);
    }

    private Optional<Object> group(Schema.Group group, @Nullable YamlNode node) {
        Map<String, YamlNode.Entry> entries = entries(group, node);
        entries.forEach((key, entry) -> checkKnown(group, key, entry));
        List<Object> values = new ArrayList<>();
        for (Schema child : group.children()) {
            YamlNode.Entry entry = entries.get(child.name());
            if (entry != null) {
                lines.put(child.path(), entry.line());
            }
            YamlNode value = entry == null ? null : entry.value();
            Optional<Object> bound = switch (child) {
                case Schema.Group inner -> group(inner, value);
                case Schema.Leaf leaf -> leaf(leaf, value);
            };
            bound.ifPresent(values::add);
        }
        return values.size() == group.children().size() ? construct(group, values) : Optional.empty();
    }

    private Map<String, YamlNode.Entry> entries(Schema.Group group, @Nullable YamlNode node) {
        return switch (node) {
            case null -> Map.of();
            case YamlNode.Nothing _ -> Map.of();
            case YamlNode.Mapping mapping -> mapping.entries();
            case YamlNode.Scalar scalar -> misplaced(group, scalar);
            case YamlNode.Sequence sequence -> misplaced(group, sequence);
        };
    }

    private Map<String, YamlNode.Entry> misplaced(Schema.Group group, YamlNode node) {
        String path = group.path().isEmpty() ? "the file" : group.path();
        problems.addInFile(node.line(), path, "expected settings by name, found " + node.found());
        return Map.of();
    }

    private void checkKnown(Schema.Group group, String key, YamlNode.Entry entry) {
        if (group.child(key).isPresent()) {
            return;
        }
        String path = group.path().isEmpty() ? key : group.path() + "." + key;
        boolean dotted = root.paths().anyMatch(path::equals);
        String hint = dotted
                ? "; write each part on a line of its own, indented below the one before"
                : NearestKey.to(path, root.paths())
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("");
        problems.addInFile(entry.line(), path, "unknown key" + hint);
    }

    private Optional<Object> leaf(Schema.Leaf leaf, @Nullable YamlNode node) {
        String override = environment.get(leaf.environmentVariable());
        Optional<Object> fromFile = switch (node) {
            case null -> Optional.of(leaf.defaultValue());
            case YamlNode.Scalar scalar -> scalar(leaf, scalar);
            case YamlNode.Nothing nothing -> unfit(leaf, nothing);
            case YamlNode.Mapping mapping -> unfit(leaf, mapping);
            case YamlNode.Sequence sequence -> unfit(leaf, sequence);
        };
        return override == null ? fromFile : override(leaf, override);
    }

    private Optional<Object> scalar(Schema.Leaf leaf, YamlNode.Scalar scalar) {
        try {
            return Optional.of(leaf.parse(scalar.text()));
        } catch (IllegalArgumentException e) {
            return unfit(leaf, scalar);
        }
    }

    private Optional<Object> unfit(Schema.Leaf leaf, YamlNode node) {
        problems.addInFile(
                lines.getOrDefault(leaf.path(), node.line()),
                leaf.path(),
                "expected " + leaf.expectation() + ", found " + node.found());
        return Optional.empty();
    }

    private Optional<Object> override(Schema.Leaf leaf, String text) {
        try {
            return Optional.of(leaf.parse(text));
        } catch (IllegalArgumentException e) {
            problems.addInEnvironment(
                    leaf.environmentVariable(), "expected " + leaf.expectation() + ", found \"" + text + '"');
            return Optional.empty();
        }
    }

    private Optional<Object> construct(Schema.Group group, List<Object> values) {
        Class<?>[] types = Arrays.stream(group.type().getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = group.type().getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return Optional.of(constructor.newInstance(values.toArray()));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof InvalidSetting invalid) {
                addConflict(group, invalid);
                return Optional.empty();
            }
            throw new IllegalStateException(group.type() + " refused allowed settings", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot construct " + group.type(), e);
        }
    }

    private void addConflict(Schema.Group group, InvalidSetting invalid) {
        String path = group.path().isEmpty() ? invalid.setting() : group.path() + "." + invalid.setting();
        Schema.Leaf leaf = root.leaves()
                .filter(candidate -> candidate.path().equals(path))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no such setting: " + path, invalid));
        Integer line = lines.get(path);
        if (environment.containsKey(leaf.environmentVariable())) {
            problems.addInEnvironment(leaf.environmentVariable(), invalid.reason());
        } else if (line != null) {
            problems.addInFile(line, path, invalid.reason());
        } else {
            problems.addInDefaults(path, invalid.reason());
        }
    }
}
