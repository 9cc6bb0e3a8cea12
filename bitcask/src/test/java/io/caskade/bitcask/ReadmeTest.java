package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The example of the README, which is compiled here, run, and compared with the page.
class ReadmeTest {

    private static List<String> example(Path directory) throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        // README begins
        byte[] key = "hello".getBytes(StandardCharsets.UTF_8);
        byte[] value = "world".getBytes(StandardCharsets.UTF_8);
        try (Bitcask store = Bitcask.open(directory.resolve("data"), Options.defaults())) {
            store.put(key, value); // on the disk when this returns
            store.put("soon gone".getBytes(StandardCharsets.UTF_8), value, Duration.ofMinutes(5));

            Entry entry = store.get(key); // null when there is no record
            out.println(entry == null ? "nothing" : new String(entry.value(), StandardCharsets.UTF_8));

            store.write(WriteBatch.builder() // all of it or nothing
                    .checkAbsent("lock".getBytes(StandardCharsets.UTF_8)) // and only if it is free
                    .put("lock".getBytes(StandardCharsets.UTF_8), value, Duration.ofSeconds(10))
                    .delete("soon gone".getBytes(StandardCharsets.UTF_8))
                    .build());

            long position = 0;
            do {
                ScanPage page = store.scan(position, 1000);
                page.entries().forEach(found -> out.println(new String(found.key(), StandardCharsets.UTF_8)));
                position = page.next();
            } while (position != 0);

            store.delete(key);
            store.merge(); // reclaims space now; this also happens in the background
            store.snapshot(directory.resolve("backup")); // a separate store, mostly hard links
        }
        // README ends
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void theExampleOfTheReadmePrintsWhatItClaims(@TempDir Path directory) throws IOException {
        assertThat(example(directory)).containsExactlyInAnyOrder("world", "hello", "lock");
        try (Bitcask backup = Bitcask.open(directory.resolve("backup"), Options.defaults())) {
            assertThat(backup.get("hello".getBytes(StandardCharsets.UTF_8))).isNull();
            assertThat(backup.size()).isEqualTo(1);
        }
    }

    @Test
    void theReadmesExampleIsTheOneCompiledHere() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path root = Files.exists(here.resolve("bitcask")) ? here : here.resolve("..");
        String source = Files.readString(root.resolve("bitcask/src/test/java/io/caskade/bitcask/ReadmeTest.java"));
        String compiled = source.substring(
                        source.indexOf("// README begins\n") + "// README begins\n".length(),
                        source.indexOf("        // README ends\n"))
                .stripTrailing()
                .stripIndent();
        assertThat(Files.readString(root.resolve("README.md"))).contains("```java\n" + compiled + "\n```\n");
    }
}
