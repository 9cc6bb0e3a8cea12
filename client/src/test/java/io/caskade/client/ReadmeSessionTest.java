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

/// The README's examples of a session and a batch, which are compiled here, run, and compared with the page.
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

    private static WriteBatchResult batch(CaskadeClient client, byte[] paid, byte[] from, byte[] to, byte[] value) {
        // The README's batch begins
        WriteBatch transfer = WriteBatch.builder()
                .check(paid, Condition.absent()) // nothing is written unless all checks hold
                .increment(from, -5)
                .increment(to, 5)
                .put(paid, value)
                .build();
        WriteBatchResult result = client.write(transfer); // all of it is done, or nothing
        // The README's batch ends
        return result;
    }

    @Test
    void theBatchIsDoneOnce() throws Exception {
        try (FakeCluster cluster = new FakeCluster(1);
                CaskadeClient client = CaskadeClient.create(cluster.config())) {
            byte[] paid = "paid".getBytes(UTF_8);
            byte[] from = "from".getBytes(UTF_8);
            byte[] to = "to".getBytes(UTF_8);

            assertThat(batch(client, paid, from, to, paid)).isInstanceOf(WriteBatchResult.Applied.class);
            assertThat(batch(client, paid, from, to, paid)).isInstanceOf(WriteBatchResult.CheckFailed.class);

            assertThat(client.get(from)).map(Entry::value).contains(Bytes.utf8("-5"));
            assertThat(client.get(to)).map(Entry::value).contains(Bytes.utf8("5"));
        }
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
    void theReadmesExamplesAreThoseCompiledHere() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path root = Files.exists(here.resolve("client")) ? here : here.resolve("..");
        String source = Files.readString(root.resolve("client/src/test/java/io/caskade/client/ReadmeSessionTest.java"));
        String readme = Files.readString(root.resolve("README.md"));
        assertThat(readme).contains(compiled(source, "// README begins\n", "// README ends\n"));
        assertThat(readme).contains(compiled(source, "// The README's batch begins\n", "// The README's batch ends\n"));
    }

    private static String compiled(String source, String begin, String end) {
        String code = source.substring(source.indexOf(begin) + begin.length(), source.indexOf("        " + end))
                .stripTrailing()
                .stripIndent();
        return "```java\n" + code + "\n```\n";
    }
}
