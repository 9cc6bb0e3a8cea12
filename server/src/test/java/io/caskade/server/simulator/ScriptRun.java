package io.caskade.server.simulator;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Runs the tests of replicas, of what hosts them, of the simulated coordinator and of the proxy, then replays
/// the transcripts, and returns the name of the first that fails, or null; loaded once per mutant. The quickest
/// come first: most mutants are noticed by one of them.
public final class ScriptRun implements Callable<@Nullable String> {

    private static final List<String> OTHER_TESTS = List.of(
            "io.caskade.server.proxy.ForwardingPlanTest",
            "io.caskade.server.proxy.CommandProxyTest",
            "io.caskade.server.partition.ReplicaDriverTest",
            "io.caskade.server.partition.ReplicaManagerTest",
            "io.caskade.server.partition.StaggeredStopTest",
            "io.caskade.server.partition.CommandExecutorTest",
            "io.caskade.server.partition.BatchExecutorTest",
            "io.caskade.server.partition.CommandRouterTest",
            "io.caskade.server.controller.ControllerPlannerTest",
            "io.caskade.server.simulator.CoordinationFaultsTest");
    private static final String REPLICA = "io.caskade.server.replica.";
    private static final Path TESTS = Path.of("src", "test", "java", "io", "caskade", "server", "replica");

    /// A run to come.
    public ScriptRun() {}

    @Override
    public @Nullable String call() throws ReflectiveOperationException, IOException {
        for (String name : tests()) {
            Class<?> tests = Class.forName(name, true, ScriptRun.class.getClassLoader());
            String failed = firstFailure(tests, List.of());
            if (failed != null) {
                return failed;
            }
        }
        for (Path transcript : TranscriptsTest.transcripts()) {
            if (!TranscriptsTest.isAsWritten(transcript)) {
                return "transcript " + transcript;
            }
        }
        return null;
    }

    /// Runs the tests of a class, then those of its nested classes, each in a new instance.
    ///
    /// @param outer the classes around it, the outermost first
    private static @Nullable String firstFailure(Class<?> tests, List<Class<?>> outer)
            throws ReflectiveOperationException {
        List<Class<?>> path =
                Stream.concat(outer.stream(), Stream.<Class<?>>of(tests)).toList();
        for (Method test : tests.getDeclaredMethods()) {
            if (test.isAnnotationPresent(Test.class)) {
                Object instance = newInstance(path);
                prepare(tests, instance);
                if (fails(test, instance)) {
                    return test.getName();
                }
            }
        }
        for (Class<?> nested : tests.getDeclaredClasses()) {
            if (nested.isAnnotationPresent(Nested.class)) {
                String failed = firstFailure(nested, path);
                if (failed != null) {
                    return failed;
                }
            }
        }
        return null;
    }

    private static Object newInstance(List<Class<?>> path) throws ReflectiveOperationException {
        Constructor<?> outermost = path.getFirst().getDeclaredConstructor();
        outermost.setAccessible(true);
        Object instance = outermost.newInstance();
        for (Class<?> nested : path.subList(1, path.size())) {
            Constructor<?> constructor = nested.getDeclaredConstructor(instance.getClass());
            constructor.setAccessible(true);
            instance = constructor.newInstance(instance);
        }
        return instance;
    }

    private static List<String> tests() throws IOException {
        try (Stream<Path> files = Files.list(TESTS)) {
            Stream<String> ofReplicas = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Test.java"))
                    .map(name -> REPLICA + name.substring(0, name.length() - ".java".length()))
                    .sorted();
            return Stream.concat(ofReplicas, OTHER_TESTS.stream()).toList();
        }
    }

    private static void prepare(Class<?> tests, Object instance) throws ReflectiveOperationException {
        for (Method method : tests.getDeclaredMethods()) {
            if (method.isAnnotationPresent(BeforeEach.class)) {
                method.setAccessible(true);
                method.invoke(instance);
            }
        }
    }

    private static boolean fails(Method test, Object instance) throws IllegalAccessException {
        test.setAccessible(true);
        try {
            test.invoke(instance);
            return false;
        } catch (InvocationTargetException _) {
            return true;
        }
    }
}
