package io.caskade.tidy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caskade.tidy.JavaTokens.Kind;
import io.caskade.tidy.JavaTokens.Token;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The text of every tracked file, by its path from the root. A binary file has an empty text.
final class Repository {

    private static final Set<String> BUILT = Set.of("target", "data", "run", "dist", "node_modules");

    private final SortedMap<String, String> texts;
    private final Set<String> directories = new TreeSet<>();
    private final Map<String, List<Token>> tokens = new HashMap<>();
    private @Nullable JavaIndex index;

    private Repository(SortedMap<String, String> texts) {
        this.texts = texts;
        for (String path : texts.keySet()) {
            for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
                directories.add(path.substring(0, slash));
            }
        }
    }

    /// A repository in memory.
    static Repository of(Map<String, String> texts) {
        return new Repository(new TreeMap<>(texts));
    }

    /// What git tracks below a root, or every file when there is no git: an unpacked source archive, say.
    static Repository at(Path root) throws IOException {
        List<String> paths = Files.exists(root.resolve(".git")) ? tracked(root) : walk(root);
        SortedMap<String, String> texts = new TreeMap<>();
        for (String path : paths) {
            Path file = root.resolve(path);
            if (Files.isRegularFile(file)) {
                texts.put(path, text(Files.readAllBytes(file)));
            }
        }
        return new Repository(texts);
    }

    private static List<String> tracked(Path root) throws IOException {
        Process git;
        try {
            git = new ProcessBuilder("git", "ls-files", "-z")
                    .directory(root.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return walk(root); // No git on this machine.
        }
        String names;
        try (var output = git.getInputStream()) {
            names = new String(output.readAllBytes(), UTF_8);
        }
        return names.isEmpty() ? walk(root) : Arrays.asList(names.split("\0", -1));
    }

    private static List<String> walk(Path root) throws IOException {
        List<String> paths = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                String name = directory.getFileName().toString();
                boolean skipped = BUILT.contains(name) || (name.startsWith(".") && !name.equals(".github"));
                return skipped && !directory.equals(root) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                paths.add(root.relativize(file).toString().replace('\\', '/'));
                return FileVisitResult.CONTINUE;
            }
        });
        return paths;
    }

    /// A file with a zero byte is binary, as for git.
    private static String text(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        return text.indexOf('\0') >= 0 ? "" : text;
    }

    /// The Java sources, which are parsed once.
    JavaIndex java() {
        if (index == null) {
            index = JavaIndex.parse(this);
        }
        return index;
    }

    /// The tokens of a Java source, which is read once.
    List<Token> tokens(String path) {
        return tokens.computeIfAbsent(path, file -> JavaTokens.of(text(file)));
    }

    /// The lines of a Java source, with all but doc comments (`///`) blanked.
    List<String> docComments(String path) {
        List<String> comments = new ArrayList<>(Collections.nCopies(lines(path).size(), ""));
        for (Token token : tokens(path)) {
            if (token.kind() == Kind.COMMENT && token.text().startsWith("///")) {
                comments.set(token.line() - 1, token.text());
            }
        }
        return comments;
    }

    /// The paths that end in a suffix.
    List<String> paths(String suffix) {
        return texts.keySet().stream().filter(path -> path.endsWith(suffix)).toList();
    }

    Stream<String> paths() {
        return texts.keySet().stream();
    }

    boolean isFile(String path) {
        return texts.containsKey(path);
    }

    /// Whether there is a file or a directory.
    boolean exists(String path) {
        String name = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return name.isEmpty() || texts.containsKey(name) || directories.contains(name);
    }

    String text(String path) {
        String text = texts.get(path);
        if (text == null) {
            throw new UncheckedIOException(new IOException("no such file: " + path));
        }
        return text;
    }

    List<String> lines(String path) {
        return text(path).lines().toList();
    }
}
