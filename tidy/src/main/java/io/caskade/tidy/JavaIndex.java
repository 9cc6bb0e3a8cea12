package io.caskade.tidy;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// The types and members that the sources declare, as the JDK's parser reads them. Nothing is compiled.
final class JavaIndex {

    /// A field (arity -1), method or constructor.
    record Member(String name, int arity) {}

    /// A source file and the names it can see.
    record Source(
            String path, String packageName, List<String> imports, List<String> packages, List<SourceType> types) {}

    /// A type that is a member of a file or of another type; `name` is qualified, with dots.
    record SourceType(String name, Source source, Set<Member> members, List<String> supertypes) {

        String simpleName() {
            return name.substring(name.lastIndexOf('.') + 1);
        }

        boolean isTopLevel() {
            return name.equals(source.packageName() + "." + simpleName());
        }
    }

    /// A method, of whatever type.
    record Method(String path, int line, String name, boolean returnsNothing, boolean isOverride, boolean isTest) {}

    private static final Set<String> TEST_ANNOTATIONS =
            Set.of("Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "ArchTest");

    private final List<Source> sources = new ArrayList<>();
    private final Map<String, SourceType> types = new HashMap<>();
    private final Set<String> packages = new HashSet<>();
    private final List<Method> methods = new ArrayList<>();

    private JavaIndex() {}

    static JavaIndex parse(Repository repository) {
        JavaIndex index = new JavaIndex();
        List<JavaFileObject> files = new ArrayList<>();
        for (String path : repository.paths(".java")) {
            if (!path.endsWith("module-info.java")) {
                files.add(new Text(path, repository.text(path)));
            }
        }
        if (files.isEmpty()) {
            return index;
        }
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "runs on a JDK");
        JavacTask task = (JavacTask) compiler.getTask(null, null, problem -> {}, List.of("-proc:none"), null, files);
        SourcePositions positions = Trees.instance(task).getSourcePositions();
        try {
            for (CompilationUnitTree unit : task.parse()) {
                index.add(unit, positions);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return index;
    }

    List<Source> sources() {
        return sources;
    }

    List<Method> methods() {
        return methods;
    }

    boolean isPackage(String name) {
        return packages.contains(name);
    }

    @Nullable
    SourceType type(String qualifiedName) {
        return types.get(qualifiedName);
    }

    Stream<SourceType> types() {
        return types.values().stream();
    }

    private void add(CompilationUnitTree unit, SourcePositions positions) {
        String path = unit.getSourceFile().toUri().getPath().substring(1);
        String packageName =
                unit.getPackageName() == null ? "" : unit.getPackageName().toString();
        Source source = new Source(path, packageName, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        packages.add(packageName);
        for (ImportTree imported : unit.getImports()) {
            String name = imported.getQualifiedIdentifier().toString();
            if (imported.isStatic()) {
                continue;
            }
            if (name.endsWith(".*")) {
                source.packages().add(name.substring(0, name.length() - 2));
            } else {
                source.imports().add(name);
            }
        }
        for (Tree declared : unit.getTypeDecls()) {
            if (declared instanceof ClassTree type) {
                add(type, packageName, source);
            }
        }
        sources.add(source);
        addMethods(unit, positions, path);
    }

    private void add(ClassTree tree, String outer, Source source) {
        String name = outer + "." + tree.getSimpleName();
        List<String> supertypes = new ArrayList<>();
        if (tree.getExtendsClause() != null) {
            supertypes.add(rawName(tree.getExtendsClause()));
        }
        tree.getImplementsClause().forEach(implemented -> supertypes.add(rawName(implemented)));
        SourceType type = new SourceType(name, source, new HashSet<>(), supertypes);
        types.put(name, type);
        source.types().add(type);
        int components = 0;
        for (Tree member : tree.getMembers()) {
            switch (member) {
                case MethodTree method -> {
                    String called = method.getName().contentEquals("<init>")
                            ? tree.getSimpleName().toString()
                            : method.getName().toString();
                    type.members().add(new Member(called, method.getParameters().size()));
                }
                case VariableTree field -> {
                    type.members().add(new Member(field.getName().toString(), -1));
                    if (tree.getKind() == Tree.Kind.RECORD
                            && !field.getModifiers().getFlags().contains(Modifier.STATIC)) {
                        type.members().add(new Member(field.getName().toString(), 0));
                        components++;
                    }
                }
                case ClassTree nested -> add(nested, name, source);
                default -> {}
            }
        }
        addImplicitMembers(tree, type, components);
    }

    private static void addImplicitMembers(ClassTree tree, SourceType type, int components) {
        if (tree.getKind() == Tree.Kind.RECORD) {
            type.members().add(new Member(type.simpleName(), components));
        } else if (tree.getKind() == Tree.Kind.ENUM) {
            type.members().add(new Member("values", 0));
            type.members().add(new Member("valueOf", 1));
            type.members().add(new Member("ordinal", 0));
            type.members().add(new Member("name", 0));
        } else {
            type.members().add(new Member(type.simpleName(), 0));
        }
    }

    private static String rawName(Tree type) {
        String name = type.toString();
        int generic = name.indexOf('<');
        return generic < 0 ? name : name.substring(0, generic);
    }

    private void addMethods(CompilationUnitTree unit, SourcePositions positions, String path) {
        unit.accept(
                new TreeScanner<@Nullable Void, @Nullable Void>() {
                    @Override
                    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
                        Tree result = method.getReturnType();
                        if (result != null) {
                            long start = positions.getStartPosition(unit, result);
                            methods.add(new Method(
                                    path,
                                    (int) unit.getLineMap().getLineNumber(start),
                                    method.getName().toString(),
                                    result.toString().equals("void"),
                                    hasAnnotation(method, Set.of("Override")),
                                    hasAnnotation(method, TEST_ANNOTATIONS)));
                        }
                        return super.visitMethod(method, null);
                    }
                },
                null);
    }

    private static boolean hasAnnotation(MethodTree method, Set<String> names) {
        return method.getModifiers().getAnnotations().stream()
                .anyMatch(annotation ->
                        names.contains(annotation.getAnnotationType().toString()));
    }

    /// A source in memory.
    private static final class Text extends SimpleJavaFileObject {

        private final String text;

        Text(String path, String text) {
            super(URI.create("string:///" + path), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
