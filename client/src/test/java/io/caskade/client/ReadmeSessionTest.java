package io.caskade.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.CausalContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The README's example of a session, which is compiled here, run, and compared with the page.
class ReadmeSessionTest {

    private static List<Optional<Entry>> example(CaskadeClient client, byte[] key, byte[] value) {
        // README begins
        CausalSession session = new CausalSession();
        CaskadeClient reader = client.inSession(session); // its reads are causal, its writes as before
        reader.put(key, value);
        Optional<Entry> mine = reader.get(key); // the value or a later one, whichever node answers

        String context = session.context().toString(); // with this, others do not fall behind either
        CausalSession other = new CausalSession(CausalContext.parse(context));
        Optional<Entry> theirs = client.inSession(other).get(key);
        Optional<Entry> some = client.get(key, ReadMode.eventual()).value(); // at once, and perhaps older
        // README ends
        return List.of(mine, theirs, some);
    }

    @Test
    void theExampleReadsWhatItHasWritten() throws Exception {
        try (FakeCluster cluster = new FakeCluster(4);
                CaskadeClient client = CaskadeClient.create(cluster.config())) {
            cluster.node().apply(1, 5);
            assertThat(example(client, "key".getBytes(UTF_8), "value".getBytes(UTF_8)))
                    .hasSize(3)
                    .allSatisfy(found -> assertThat(found.map(Entry::value)).contains(Bytes.utf8("value")));
        }
    }

    @Test
    void theReadmesExampleIsTheOneCompiledHere() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path root = Files.exists(here.resolve("client")) ? here : here.resolve("..");
        String source = Files.readString(root.resolve("client/src/test/java/io/caskade/client/ReadmeSessionTest.java"));
        String compiled = source.substring(
                        source.indexOf("// README begins\n") + "// README begins\n".length(),
                        source.indexOf("        // README ends\n"))
                .stripTrailing()
                .stripIndent();
        assertThat(Files.readString(root.resolve("README.md"))).contains("```java\n" + compiled + "\n```\n");
    }
}
