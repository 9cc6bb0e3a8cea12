package io.caskade.server.simulator;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Runs one test that is likely to fail, then those of replicas, of what hosts them, of the simulated
/// coordinator and of the proxy, then replays the transcripts, and returns the name of the first that fails, or
/// null; loaded once per mutant. The quickest come first: most mutants are noticed by one of them.
///
/// A test's name is that of its class, from `io.caskade.server` on, and of its method:
/// `replica.LeaseTest#aLease`.
public final class ScriptRun implements Callable<@Nullable String> {

    private static final List<String> OTHER_TESTS = List.of(
            "proxy.ForwardingPlanTest",
            "proxy.CommandProxyTest",
            "partition.ReplicaDriverTest",
            "partition.ReplicaManagerTest",
            "partition.StaggeredStopTest",
            "partition.CommandExecutorTest",
            "partition.BatchExecutorTest",
            "partition.CommandRouterTest",
            "controller.ControllerPlannerTest",
            "simulator.CoordinationFaultsTest");
    private static final String SERVER = "io.caskade.server.";
    private static final String REPLICA = "replica.";
    private static final String TRANSCRIPT = "transcript ";
    private static final Path TESTS = Path.of("src", "test", "java", "io", "caskade", "server", "replica");

    private final @Nullable String likely;

    /// A run to come.
    ///
    /// @param likely the test to try first; null for none
    public ScriptRun(@Nullable String likely) {
        this.likely = likely;
    }

    @Override
    public @Nullable String call() throws ReflectiveOperationException, IOException {
        if (likely != null && exists(likely) && fails(likely)) {
            return likely;
        }
        for (String tests : classes()) {
            String failed = firstFailure(testsOf(loaded(tests)));
            if (failed != null) {
                return failed;
            }
        }
        return firstFailure(transcripts());
    }

    private static @Nullable String firstFailure(List<String> tests) throws ReflectiveOperationException, IOException {
        for (String test : tests) {
            if (fails(test)) {
                return test;
            }
        }
        return null;
    }

    /// Whether there is such a test or transcript.
    static boolean exists(String name) throws IOException {
        if (name.startsWith(TRANSCRIPT)) {
            return transcripts().contains(name);
        }
        try {
            return testsOf(loaded(classOf(name))).contains(name);
        } catch (ClassNotFoundException _) {
            return false;
        }
    }

    private static List<String> classes() throws IOException {
        try (Stream<Path> files = Files.list(TESTS)) {
            Stream<String> ofReplicas = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Test.java"))
                    .map(name -> REPLICA + name.substring(0, name.length() - ".java".length()))
                    .sorted();
            return Stream.concat(ofReplicas, OTHER_TESTS.stream()).toList();
        }
    }

    private static List<String> transcripts() throws IOException {
        return TranscriptsTest.transcripts().stream()
                .map(file -> TRANSCRIPT + file)
                .toList();
    }

    /// The tests of a class, then those of its nested classes.
    private static List<String> testsOf(Class<?> tests) {
        Stream<String> own = Arrays.stream(tests.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> tests.getName().substring(SERVER.length()) + "#" + method.getName())
                .sorted();
        Stream<String> nested = Arrays.stream(tests.getDeclaredClasses())
                .filter(type -> type.isAnnotationPresent(Nested.class))
                .sorted(Comparator.comparing(Class::getName))
                .flatMap(type -> testsOf(type).stream());
        return Stream.concat(own, nested).toList();
    }

    private static String classOf(String test) {
        return test.substring(0, test.indexOf('#'));
    }

    private static Class<?> loaded(String name) throws ClassNotFoundException {
        return Class.forName(SERVER + name, true, ScriptRun.class.getClassLoader());
    }

    private static boolean fails(String name) throws ReflectiveOperationException, IOException {
        if (name.startsWith(TRANSCRIPT)) {
            return !TranscriptsTest.isAsWritten(Path.of(name.substring(TRANSCRIPT.length())));
        }
        Class<?> tests = loaded(classOf(name));
        Method test = tests.getDeclaredMethod(name.substring(name.indexOf('#') + 1));
        Object instance = newInstance(tests);
        prepare(tests, instance);
        test.setAccessible(true);
        try {
            test.invoke(instance);
            return false;
        } catch (InvocationTargetException _) {
            return true;
        }
    }

    /// A nested class gets a new instance of the class around it.
    private static Object newInstance(Class<?> tests) throws ReflectiveOperationException {
        Class<?> around = tests.getEnclosingClass();
        if (around == null) {
            Constructor<?> constructor = tests.getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        }
        Constructor<?> constructor = tests.getDeclaredConstructor(around);
        constructor.setAccessible(true);
        return constructor.newInstance(newInstance(around));
    }

    private static void prepare(Class<?> tests, Object instance) throws ReflectiveOperationException {
        for (Method method : tests.getDeclaredMethods()) {
            if (method.isAnnotationPresent(BeforeEach.class)) {
                method.setAccessible(true);
                method.invoke(instance);
            }
        }
    }
}
