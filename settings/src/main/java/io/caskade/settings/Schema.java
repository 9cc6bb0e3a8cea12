package io.caskade.settings;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The declarations of a settings record: its groups and leaves in the order of their components. Mistakes in
/// the declarations themselves cause an [IllegalStateException].
sealed interface Schema {

    /// The dotted path, `zookeeper.connect`; empty for the root.
    String path();

    /// The last part of the path.
    default String name() {
        return path().substring(path().lastIndexOf('.') + 1);
    }

    /// One line of documentation.
    String doc();

    /// A record that groups settings and other groups.
    record Group(String path, String doc, Class<?> type, List<Schema> children) implements Schema {

        Optional<Schema> child(String name) {
            return children.stream().filter(child -> child.name().equals(name)).findFirst();
        }

        /// Every leaf below, in order.
        Stream<Leaf> leaves() {
            return children.stream().flatMap(child -> switch (child) {
                case Group group -> group.leaves();
                case Leaf leaf -> Stream.of(leaf);
            });
        }

        /// Every path below, of groups too.
        Stream<String> paths() {
            return children.stream().flatMap(child -> switch (child) {
                case Group group -> Stream.concat(Stream.of(group.path), group.paths());
                case Leaf leaf -> Stream.of(leaf.path());
            });
        }
    }

    /// One setting.
    ///
    /// @param javaType the type of the value, without the [Optional] around it
    record Leaf(String path, Setting declared, Class<?> javaType, boolean optional, SettingType type)
            implements Schema {

        public Leaf {
            boolean ranged = !declared.min().isEmpty() || !declared.max().isEmpty();
            if (ranged && type.order() == null) {
                throw new IllegalStateException(path + " has a range but its type has no order");
            }
        }

        @Override
        public String doc() {
            return declared.doc();
        }

        String environmentVariable() {
            return "CASKADE_" + path.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
        }

        Object defaultValue() {
            try {
                return parse(declared.value());
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException(path + " does not allow its own default", e);
            }
        }

        /// The value that `text` stands for; [IllegalArgumentException] when the declaration does not allow it.
        Object parse(String text) {
            if (optional && text.isEmpty()) {
                return Optional.empty();
            }
            Object value = value(text);
            if (!declared.pattern().isEmpty() && !Pattern.matches(declared.pattern(), text)) {
                throw new IllegalArgumentException("does not match the pattern: " + text);
            }
            if (outOfRange(value)) {
                throw new IllegalArgumentException("out of range: " + text);
            }
            return optional ? Optional.of(value) : value;
        }

        private boolean outOfRange(Object value) {
            Comparator<Object> order = type.order();
            if (order == null) {
                return false;
            }
            boolean below = !declared.min().isEmpty() && order.compare(value, value(declared.min())) < 0;
            boolean above = !declared.max().isEmpty() && order.compare(value, value(declared.max())) > 0;
            return below || above;
        }

        private Object value(String text) {
            return type.parse().apply(text);
        }

        /// What the setting takes, in the words that follow "expected".
        String expectation() {
            StringBuilder text = new StringBuilder(type.noun());
            if (!allowed().isEmpty() && !type.isEnumerated(javaType)) {
                text.append(' ').append(allowed());
            }
            if (!declared.value().isEmpty() && !type.isEnumerated(javaType)) {
                text.append(" such as ").append(declared.value());
            }
            return text.append(optional ? ", or nothing between quotes" : "").toString();
        }

        /// The range, the pattern or the choices; empty when there is no limit.
        String allowed() {
            if (type.isEnumerated(javaType)) {
                return type.noun();
            }
            if (!declared.pattern().isEmpty()) {
                return "matching " + declared.pattern();
            }
            if (declared.min().isEmpty()) {
                return declared.max().isEmpty() ? "" : "up to " + declared.max();
            }
            return "from " + declared.min() + (declared.max().isEmpty() ? " up" : " to " + declared.max());
        }
    }

    /// What `recordType` declares.
    static Group of(Class<? extends Record> recordType) {
        Group root = group("", "", recordType);
        Map<String, String> paths = new HashMap<>();
        root.leaves().forEach(leaf -> {
            leaf.defaultValue();
            String other = paths.put(leaf.environmentVariable(), leaf.path());
            if (other != null) {
                throw new IllegalStateException(other + " and " + leaf.path() + " share an environment variable");
            }
        });
        return root;
    }

    private static Group group(String path, String doc, Class<?> recordType) {
        List<Schema> children = new ArrayList<>();
        for (RecordComponent component : recordType.getRecordComponents()) {
            String name = PropertyNamingStrategies.KebabCaseStrategy.INSTANCE.translate(component.getName());
            children.add(child(path.isEmpty() ? name : path + "." + name, component));
        }
        return new Group(path, doc, recordType, List.copyOf(children));
    }

    private static Schema child(String path, RecordComponent component) {
        Section section = component.getAnnotation(Section.class);
        if (section != null) {
            return group(path, section.value(), component.getType());
        }
        Setting setting = component.getAnnotation(Setting.class);
        if (setting == null) {
            throw new IllegalStateException(path + " is neither a @Setting nor a @Section");
        }
        boolean optional = component.getType() == Optional.class;
        Class<?> type = optional
                ? (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0]
                : component.getType();
        return new Leaf(path, setting, type, optional, SettingType.of(type));
    }
}
