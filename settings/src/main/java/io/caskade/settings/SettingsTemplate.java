package io.caskade.settings;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The settings as a YAML file to start from: every setting below its line of documentation, with its default,
/// commented out. To change a setting, remove the `#` before it.
public final class SettingsTemplate {

    private static final String UNCOMMENTED = "";

    private final Map<String, String> given;
    private final StringBuilder yaml = new StringBuilder();

    private SettingsTemplate(Map<String, String> given) {
        this.given = given;
    }

    /// The file for `recordType`.
    ///
    /// @param head lines of comment that open the file, without their `#`
    /// @param given what the file sets, by dotted path; these settings are not commented out
    /// @throws IllegalArgumentException when `given` names an unknown setting
    public static String render(Class<? extends Record> recordType, List<String> head, Map<String, String> given) {
        Schema.Group root = Schema.of(recordType);
        Set<String> unknown = new HashSet<>(given.keySet());
        root.leaves().map(Schema.Leaf::path).forEach(unknown::remove);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("no such settings: " + unknown);
        }
        SettingsTemplate template = new SettingsTemplate(given);
        head.forEach(line -> template.yaml.append(("# " + line).stripTrailing()).append('\n'));
        template.addChildren(root, "");
        return template.yaml.toString();
    }

    private void addChildren(Schema.Group group, String indent) {
        for (Schema child : group.children()) {
            if (indent.isEmpty() && !yaml.isEmpty()) {
                yaml.append('\n');
            }
            switch (child) {
                case Schema.Group inner -> {
                    addLine(indent, "# ", inner.doc());
                    addLine(indent, UNCOMMENTED, inner.name() + ":");
                    addChildren(inner, indent + "  ");
                }
                case Schema.Leaf leaf -> addLeaf(leaf, indent);
            }
        }
    }

    private void addLeaf(Schema.Leaf leaf, String indent) {
        String allowed = leaf.allowed().isEmpty() ? "" : " (" + leaf.allowed() + ")";
        addLine(indent, "# ", leaf.doc() + allowed);
        String value = given.getOrDefault(leaf.path(), leaf.declared().value());
        addLine(indent, given.containsKey(leaf.path()) ? UNCOMMENTED : "# ", leaf.name() + ": " + quoted(value));
    }

    private void addLine(String indent, String comment, String text) {
        yaml.append(indent).append(comment).append(text).append('\n');
    }

    private static String quoted(String value) {
        return value.isEmpty() ? "\"\"" : value;
    }
}
