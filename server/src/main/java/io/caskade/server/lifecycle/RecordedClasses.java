package io.caskade.server.lifecycle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Initializes the classes that a recorded node had initialized by its end, so that what was recorded applies
/// from the first request on.
///
/// Java compiles a method by its recorded profile ([JEP 515](https://openjdk.org/jeps/515)) once the classes
/// that its compiled code depended on are initialized. One that this node has not met, as that of a command
/// that no client has sent yet, would have the method wait for some 50,000 calls.
public final class RecordedClasses {

    private static final Logger LOG = LoggerFactory.getLogger(RecordedClasses.class);

    private RecordedClasses() {}

    /// Initializes the classes whose binary names are the lines of a file, in their order. To be called before
    /// there are other threads: two that initialize classes which need each other could wait for each other
    /// forever. What cannot be initialized is left for its user to meet.
    public static void initialize(Path file) {
        List<String> names;
        try {
            names = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            LOG.warn("{} cannot be read: the node takes longer to get fast", file, e);
            return;
        }
        names.forEach(RecordedClasses::initialize);
    }

    private static void initialize(String name) {
        try {
            Class.forName(name, true, RecordedClasses.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            LOG.debug("a recorded class cannot be initialized", e);
        }
    }
}
