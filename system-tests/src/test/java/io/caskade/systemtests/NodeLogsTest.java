package io.caskade.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.io.TempDir;

class NodeLogsTest {

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aNodeLogsAsItIsShipped() throws Exception {
        StandaloneFiles files = StandaloneFiles.in(directory);
        try (NodeProcess node = files.start()) {
            assertThat(node.logged()).contains(" INFO ");
        }
    }

    @Test
    void theLogsOfAFailedTestAreKept() throws Exception {
        Path kept = directory.resolve("kept");
        List<Path> logs = List.of(
                Files.writeString(directory.resolve("node-1.log"), "one"),
                Files.writeString(directory.resolve("node-2.log"), "two"),
                directory.resolve("removed.log"));
        AssertionError failure = new AssertionError();

        NodeLogs.keep(logs, kept, failure);

        assertThat(kept.resolve("node-1.log")).hasContent("one");
        assertThat(kept.resolve("node-2.log")).hasContent("two");
        assertThat(failure.getSuppressed()).singleElement().asString().contains("2 logs", kept.toString());
    }

    @Test
    void junitLoadsItForEveryTest() {
        assertThat(ServiceLoader.load(Extension.class)).hasAtLeastOneElementOfType(NodeLogs.class);
    }
}
