package io.caskade.settings;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The text form of settings of one Java type.
///
/// @param noun what a value is called in "expected …"
/// @param parse text to value; throws [IllegalArgumentException] for text that is none
/// @param order which of two values is greater; null for types that may have no range
record SettingType(
        String noun,
        Function<String, Object> parse,
        @Nullable Comparator<Object> order) {

    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?\\d{1,10}");

    private static final Map<Class<?>, SettingType> SIMPLE = Map.of(
            boolean.class, unordered("true or false", SettingType::parseBoolean),
            int.class, ordered("a whole number", Integer.class, SettingType::parseInt),
            String.class, unordered("text", text -> text),
            Duration.class, ordered("a duration", Duration.class, Durations::parse),
            ByteSize.class, ordered("a size", ByteSize.class, ByteSize::parse),
            HostPort.class, unordered("host:port", HostPort::parse),
            HostPorts.class, unordered("host:port, or several separated by commas,", HostPorts::parse),
            Path.class, unordered("a path", SettingType::parsePath));

    private static SettingType unordered(String noun, Function<String, Object> parse) {
        return new SettingType(noun, parse, null);
    }

    private static <T extends Comparable<T>> SettingType ordered(
            String noun, Class<T> type, Function<String, T> parse) {
        return new SettingType(
                noun, parse::apply, (left, right) -> type.cast(left).compareTo(type.cast(right)));
    }

    static SettingType of(Class<?> type) {
        if (type.isEnum()) {
            return ofEnum(type);
        }
        SettingType simple = SIMPLE.get(type);
        if (simple == null) {
            throw new IllegalStateException("no setting can be a " + type.getName());
        }
        return simple;
    }

    private static SettingType ofEnum(Class<?> type) {
        UnaryOperator<String> kebab = name -> name.toLowerCase(Locale.ROOT).replace('_', '-');
        Map<String, Object> byName = Arrays.stream(type.getEnumConstants())
                .collect(Collectors.toMap(constant -> kebab.apply(((Enum<?>) constant).name()), constant -> constant));
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(constant -> kebab.apply(((Enum<?>) constant).name()))
                .toList();
        String allButLast = String.join(", ", names.subList(0, names.size() - 1));
        String noun = names.size() == 1 ? names.getFirst() : allButLast + " or " + names.getLast();
        return unordered(noun, text -> {
            Object constant = byName.get(text);
            if (constant == null) {
                throw new IllegalArgumentException("none of " + names + ": " + text);
            }
            return constant;
        });
    }

    /// Whether the noun lists every value there is, so that an example would say nothing more.
    boolean isEnumerated(Class<?> type) {
        return type.isEnum() || type == boolean.class;
    }

    private static Object parseBoolean(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false: " + text);
        };
    }

    private static Integer parseInt(String text) {
        if (!WHOLE_NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("not a whole number: " + text);
        }
        return Integer.parseInt(text);
    }

    private static Object parsePath(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("an empty path");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not a path: " + text, e);
        }
    }
}
