package io.caskade.server.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// Compiles a mutant's file in memory, and gives a class loader in which the whole server is loaded again with
/// it: the product has no switches for mistakes.
final class MutantCompiler {

    private static final String SERVER = "io.caskade.server.";
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    /// One for all, and never closed: to open every archive again takes longer than to compile a file.
    private static final StandardJavaFileManager CLASS_PATH = COMPILER.getStandardFileManager(null, null, null);

    private MutantCompiler() {}

    static ClassLoader load(Mutant mutant) throws IOException {
        String source = Files.readString(Path.of(mutant.source()));
        for (Mutant.Edit edit : mutant.edits()) {
            assertThat(source.split(Pattern.quote(edit.original()), -1))
                    .as("%s: its place in %s", mutant.mistake(), mutant.source())
                    .hasSize(2);
            source = source.replace(edit.original(), edit.replacement());
        }
        return new Loader(compile(mutant.source(), source));
    }

    private static Map<String, byte[]> compile(String file, String source) {
        StringWriter messages = new StringWriter();
        Memory memory = new Memory(CLASS_PATH);
        boolean compiled = COMPILER.getTask(
                        messages,
                        memory,
                        null,
                        List.of("-proc:none", "-nowarn", "-cp", System.getProperty("java.class.path")),
                        null,
                        List.of(new Source(file, source)))
                .call();
        assertThat(compiled).as(messages.toString()).isTrue();
        return memory.classes();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String file, String text) {
            super(URI.create("string:///" + file), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreErrors) {
            return text;
        }
    }

    private static final class Memory extends ForwardingJavaFileManager<StandardJavaFileManager> {
        private final Map<String, ByteArrayOutputStream> written = new HashMap<>();

        Memory(StandardJavaFileManager standard) {
            super(standard);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                JavaFileManager.Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + name), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return written.computeIfAbsent(name, _ -> new ByteArrayOutputStream());
                }
            };
        }

        Map<String, byte[]> classes() {
            Map<String, byte[]> classes = new HashMap<>();
            written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
            return classes;
        }
    }

    /// Defines the server's classes itself, the mutant's as they were compiled.
    private static final class Loader extends ClassLoader {
        private final Map<String, byte[]> mutated;

        Loader(Map<String, byte[]> mutated) {
            super(MutantCompiler.class.getClassLoader());
            this.mutated = mutated;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) {
                    return loaded;
                }
                if (!name.startsWith(SERVER)) {
                    return super.loadClass(name, resolve);
                }
                byte[] bytes = mutated.containsKey(name) ? mutated.get(name) : original(name);
                return defineClass(name, Objects.requireNonNull(bytes), 0, bytes.length);
            }
        }

        private byte[] original(String name) throws ClassNotFoundException {
            try (InputStream stream = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (stream == null) {
                    throw new ClassNotFoundException(name);
                }
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
