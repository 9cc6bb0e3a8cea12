package io.caskade.settings;

/// The settings as a Markdown table with one row per setting.
public final class SettingsPage {

    private SettingsPage() {}

    /// The tables for `recordType`, without a title.
    public static String render(Class<? extends Record> recordType) {
        StringBuilder page = new StringBuilder();
        page.append("| Setting | Default | Allowed | What it does |\n|---|---|---|---|\n");
        Schema.of(recordType)
                .leaves()
                .forEach(leaf -> page.append("| `%s`<br>`%s` | %s | %s | %s |\n"
                        .formatted(
                                leaf.path(),
                                leaf.environmentVariable(),
                                leaf.declared().value().isEmpty()
                                        ? ""
                                        : code(leaf.declared().value()),
                                allowed(leaf),
                                leaf.doc())));
        return page.toString();
    }

    private static String allowed(Schema.Leaf leaf) {
        String pattern = leaf.declared().pattern();
        if (!pattern.isEmpty()) {
            return code(pattern);
        }
        return leaf.allowed().isEmpty() ? leaf.type().noun() : leaf.allowed();
    }

    private static String code(String text) {
        return "`" + text.replace("|", "\\|") + "`";
    }
}
