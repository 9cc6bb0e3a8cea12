package io.caskade.tidy;

import io.caskade.tidy.JavaIndex.Member;
import io.caskade.tidy.JavaIndex.Source;
import io.caskade.tidy.JavaIndex.SourceType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Links in doc comments, such as `[Type]`, `[#member]` and `[Type#member(int)]`, lead to a type or member of
/// the repository or of the JDK. What other libraries declare is taken on trust.
final class JavadocLinks implements Rule {

    private static final Pattern LINK = Pattern.compile("(?<!\\\\)\\[([^\\[\\]]+)\\](?:\\[([^\\[\\]]*)\\]|(\\())?");
    private static final Pattern REFERENCE = Pattern.compile("([A-Za-z_][\\w.]*)?(?:#([A-Za-z_]\\w*)(?:\\((.*)\\))?)?");
    private static final Pattern JAVA_PACKAGE = Pattern.compile("option java_package = \"([^\"]+)\"");
    private static final Pattern TYPE_VARIABLE = Pattern.compile("[A-Z][0-9]?");
    private static final int ANY_ARITY = -2;

    /// What a name stands for.
    private sealed interface Target {

        /// A type of the repository.
        record Declared(SourceType type) implements Target {}

        /// A class of the JDK.
        record Loaded(Class<?> type) implements Target {}

        /// Something of another library, which is not looked into.
        record Foreign() implements Target {}
    }

    @Override
    public List<Finding> check(Repository repository) {
        Set<String> generated = new HashSet<>();
        for (String path : repository.paths(".proto")) {
            JAVA_PACKAGE.matcher(repository.text(path)).results().forEach(found -> generated.add(found.group(1)));
        }
        Check check = new Check(repository.java(), generated);
        for (Source source : repository.java().sources()) {
            check.file(source, repository.docComments(source.path()));
        }
        return check.findings;
    }

    /// One pass over the sources.
    private static final class Check {

        private final List<Finding> findings = new ArrayList<>();
        private final JavaIndex index;
        private final Set<String> generated;

        Check(JavaIndex index, Set<String> generated) {
            this.index = index;
            this.generated = generated;
        }

        void file(Source source, List<String> lines) {
            StringBuilder comment = new StringBuilder();
            int begin = 0;
            for (int i = 0; i <= lines.size(); i++) {
                String line = i < lines.size() ? lines.get(i).strip() : "";
                if (line.startsWith("///")) {
                    if (comment.isEmpty()) {
                        begin = i + 1;
                    }
                    comment.append(line, 3, line.length()).append('\n');
                } else if (!comment.isEmpty()) {
                    comment(source, begin, comment.toString());
                    comment.setLength(0);
                }
            }
        }

        private void comment(Source source, int begin, String comment) {
            String unfenced =
                    String.join("\n", Markdown.withoutFences(comment.lines().toList()));
            String text = Markdown.withoutCodeSpans(unfenced.replace("\\[\\]", "  "));
            Matcher link = LINK.matcher(text);
            while (link.find()) {
                if (link.group(3) != null) {
                    continue; // [text](address)
                }
                String explicit = link.group(2);
                String name = explicit == null || explicit.isEmpty() ? link.group(1) : explicit;
                int line = begin + Markdown.newlines(text, link.start());
                reference(source, line, name.replaceAll("\\s+", " ").strip(), explicit != null);
            }
        }

        private void reference(Source source, int line, String name, boolean isExplicit) {
            Matcher reference = REFERENCE.matcher(name);
            if (!reference.matches() || (!isExplicit && !looksLikeAName(name))) {
                if (isExplicit) {
                    report(source, line, name, "is no name of a type or member");
                }
                return;
            }
            String type = reference.group(1);
            String member = reference.group(2);
            int arity = reference.group(3) == null ? ANY_ARITY : arity(reference.group(3));
            if (type == null) {
                if (member != null
                        && source.types().stream()
                                .noneMatch(declared ->
                                        hasMember(new Target.Declared(declared), member, arity, new HashSet<>()))) {
                    report(source, line, name, "names no member of this file's types");
                }
                return;
            }
            if (TYPE_VARIABLE.matcher(type).matches() || (member == null && index.isPackage(type))) {
                return;
            }
            Target target = resolve(type, source);
            if (target == null) {
                report(source, line, name, "leads to no type");
            } else if (member != null && !hasMember(target, member, arity, new HashSet<>())) {
                report(source, line, name, "leads to no member of " + type);
            }
        }

        /// A lone word in brackets is prose, unless it begins like a type.
        private static boolean looksLikeAName(String name) {
            return Character.isUpperCase(name.charAt(0)) || name.contains("#") || name.startsWith("io.caskade.");
        }

        private void report(Source source, int line, String name, String problem) {
            findings.add(new Finding(
                    source.path(),
                    line,
                    "the link [" + name + "] " + problem,
                    "name what is there now, or put it in backticks"));
        }

        private static int arity(String parameters) {
            if (parameters.isBlank()) {
                return 0;
            }
            int depth = 0;
            int commas = 0;
            for (int i = 0; i < parameters.length(); i++) {
                char c = parameters.charAt(i);
                depth += c == '<' ? 1 : c == '>' ? -1 : 0;
                commas += c == ',' && depth == 0 ? 1 : 0;
            }
            return commas + 1;
        }

        private @Nullable Target resolve(String name, Source source) {
            if (Character.isLowerCase(name.charAt(0))) {
                return qualified(name);
            }
            String[] parts = name.split("\\.", -1);
            Target target = simple(parts[0], source);
            for (int i = 1; i < parts.length && target != null; i++) {
                target = nested(target, parts[i], new HashSet<>());
            }
            return target;
        }

        private @Nullable Target qualified(String name) {
            SourceType declared = index.type(name);
            if (declared != null) {
                return new Target.Declared(declared);
            }
            Class<?> loaded = load(name);
            if (loaded != null) {
                return new Target.Loaded(loaded);
            }
            boolean isOurs =
                    name.startsWith("io.caskade.") && generated.stream().noneMatch(name::startsWith);
            return isOurs || name.startsWith("java.") ? null : new Target.Foreign();
        }

        private @Nullable Target simple(String name, Source source) {
            for (SourceType type : source.types()) {
                if (type.simpleName().equals(name)) {
                    return new Target.Declared(type);
                }
            }
            for (String imported : source.imports()) {
                if (imported.endsWith("." + name)) {
                    return qualified(imported);
                }
            }
            SourceType neighbor = index.type(source.packageName() + "." + name);
            if (neighbor != null) {
                return new Target.Declared(neighbor);
            }
            for (SourceType type : source.types()) {
                Target inherited = nested(new Target.Declared(type), name, new HashSet<>());
                if (inherited != null) {
                    return inherited;
                }
            }
            Class<?> loaded = load("java.lang." + name);
            if (loaded != null) {
                return new Target.Loaded(loaded);
            }
            for (String packageName : source.packages()) {
                Target found = qualified(packageName + "." + name);
                if (found != null) {
                    return found;
                }
            }
            return generated.contains(source.packageName()) ? new Target.Foreign() : null;
        }

        private @Nullable Target nested(Target outer, String name, Set<String> seen) {
            return switch (outer) {
                case Target.Foreign foreign -> foreign;
                case Target.Loaded loaded -> {
                    Class<?> nested = load(loaded.type().getName() + "$" + name);
                    yield nested == null ? null : new Target.Loaded(nested);
                }
                case Target.Declared declared -> {
                    SourceType nested = index.type(declared.type().name() + "." + name);
                    yield nested != null
                            ? new Target.Declared(nested)
                            : inSupertypes(declared.type(), seen, supertype -> nested(supertype, name, seen));
                }
            };
        }

        private @Nullable Target inSupertypes(SourceType type, Set<String> seen, Lookup lookup) {
            if (!seen.add(type.name())) {
                return null;
            }
            for (String name : type.supertypes()) {
                Target supertype = resolveSupertype(name, type);
                Target found = supertype == null ? null : lookup.in(supertype);
                if (found != null && !(found instanceof Target.Foreign)) {
                    return found;
                }
            }
            return null;
        }

        private @Nullable Target resolveSupertype(String name, SourceType type) {
            String[] parts = name.split("\\.", -1);
            if (Character.isLowerCase(name.charAt(0))) {
                return qualified(name);
            }
            for (SourceType declared : type.source().types()) {
                if (declared.simpleName().equals(parts[0]) && !declared.equals(type)) {
                    return resolve(name, type.source());
                }
            }
            Source bare = new Source(
                    type.source().path(),
                    type.source().packageName(),
                    type.source().imports(),
                    type.source().packages(),
                    List.of());
            return resolve(name, bare);
        }

        private boolean hasMember(Target target, String name, int arity, Set<String> seen) {
            return switch (target) {
                case Target.Foreign foreign -> true;
                case Target.Loaded loaded -> hasMember(loaded.type(), name, arity);
                case Target.Declared(SourceType type) -> {
                    for (Member member : type.members()) {
                        if (member.name().equals(name) && (arity == ANY_ARITY || member.arity() == arity)) {
                            yield true;
                        }
                    }
                    if (!seen.add(type.name())) {
                        yield false;
                    }
                    boolean inherited = false;
                    for (String supertype : type.supertypes()) {
                        Target resolved = resolveSupertype(supertype, type);
                        inherited |= resolved != null && hasMember(resolved, name, arity, seen);
                    }
                    yield inherited;
                }
            };
        }

        private static boolean hasMember(Class<?> type, String name, int arity) {
            for (Method method : type.getDeclaredMethods()) {
                if (method.getName().equals(name) && (arity == ANY_ARITY || method.getParameterCount() == arity)) {
                    return true;
                }
            }
            for (Constructor<?> constructor : type.getDeclaredConstructors()) {
                if (type.getSimpleName().equals(name)
                        && (arity == ANY_ARITY || constructor.getParameterCount() == arity)) {
                    return true;
                }
            }
            for (Field field : type.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    return true;
                }
            }
            for (Class<?> implemented : type.getInterfaces()) {
                if (hasMember(implemented, name, arity)) {
                    return true;
                }
            }
            Class<?> superclass = type.getSuperclass();
            return superclass != null && hasMember(superclass, name, arity);
        }

        private static @Nullable Class<?> load(String name) {
            for (String candidate = name; ; ) {
                try {
                    return Class.forName(candidate, false, ClassLoader.getPlatformClassLoader());
                } catch (ClassNotFoundException e) {
                    int dot = candidate.lastIndexOf('.');
                    if (dot < 0 || !Character.isUpperCase(candidate.charAt(candidate.lastIndexOf('.', dot - 1) + 1))) {
                        return null;
                    }
                    candidate = candidate.substring(0, dot) + "$" + candidate.substring(dot + 1);
                }
            }
        }
    }

    /// A search in one type.
    @FunctionalInterface
    private interface Lookup {

        @Nullable
        Target in(Target type);
    }
}
