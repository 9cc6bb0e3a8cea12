package io.caskade.server.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The classes that a recorded node had initialized.
final class RecordedClassesTest {

    private static final List<String> INITIALIZED = new ArrayList<>();

    @TempDir
    private Path directory = Path.of("");

    private static final class First {
        static {
            INITIALIZED.add("first");
        }
    }

    private static final class Second {
        static {
            INITIALIZED.add("second");
        }
    }

    private static final class Failing {
        static {
            Integer.parseInt("none");
        }
    }

    @Test
    void theyAreInitializedInTheOrderOfTheFileButForThoseThatCannotBe() throws IOException {
        Path file = directory.resolve("server.classes");
        Files.write(
                file,
                List.of(
                        Second.class.getName(),
                        "io.caskade.server.Gone",
                        Failing.class.getName(),
                        First.class.getName()));

        RecordedClasses.initialize(file);

        assertThat(INITIALIZED).containsExactly("second", "first");
    }

    @Test
    void aNodeStartsWithoutTheFile() {
        RecordedClasses.initialize(directory.resolve("missing"));

        assertThat(directory).isEmptyDirectory();
    }
}
