package io.caskade.server.listener.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `docs/metrics.md` beside what a running node measures.
class MetricsPageTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z_]+)` \\|");
    private static final Pattern NAME = Pattern.compile("\\b((?:caskade|jvm|process|system)_[a-z_]+)");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE ([a-z_]+) [a-z]+$");

    /// Measured only by some garbage collectors, at some times, or with followers.
    private static final Pattern SOMETIMES =
            Pattern.compile("jvm_gc_(concurrent_)?(phase|pause)_.*|caskade_partition_follower_lag");

    @TempDir
    private static Path directory;

    private static HttpNode node;
    private static RawHttp client;

    @BeforeAll
    static void start() throws Exception {
        node = HttpNode.start(directory, Map.of());
        client = new RawHttp(node.port());
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        node.close();
    }

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void thePageListsWhatANodeMeasures() throws Exception {
        Set<String> listed = names(ROW, Files.readString(Path.of("../docs/metrics.md")));
        client.get("/healthz");
        Set<String> measured = names(TYPE, client.get("/metrics").text());

        assertThat(listed).containsAll(measured);
        listed.removeIf(SOMETIMES.asMatchPredicate());
        assertThat(measured).containsAll(listed);
    }

    @Test
    void theDashboardShowsWhatANodeMeasures() throws Exception {
        Set<String> measured = names(TYPE, client.get("/metrics").text());
        JsonNode dashboard = new ObjectMapper()
                .readTree(Path.of("../docs/grafana-dashboard.json").toFile());
        String queries = dashboard.findValuesAsText("expr").stream().collect(Collectors.joining("\n"))
                + dashboard.at("/templating/list/1/query").asText();

        Set<String> shown = names(NAME, queries);
        assertThat(shown).hasSizeGreaterThan(15);
        shown.removeIf(name -> SOMETIMES.matcher(name).matches()
                || measured.contains(name)
                || measured.contains(name.replaceFirst("_(bucket|count|sum)$", "")));
        assertThat(shown).isEmpty();
    }

    @Test
    void requestsAreCountedByOperationAndOutcome() throws Exception {
        client.get("/v1/kv/counted");
        client.get("/v1/kv/counted");
        client.send("POST /v1/kv/counted?op=incr HTTP/1.1\r\nHost: x\r\n\r\n").read();
        client.get("/v1/kv/counted?x");

        String scraped = client.get("/metrics").text();

        assertThat(scraped)
                .contains(
                        "\ncaskade_requests_seconds_count{operation=\"get\",outcome=\"not_found\",protocol=\"http\"} 2\n",
                        "\ncaskade_requests_seconds_count{operation=\"increment\",outcome=\"ok\",protocol=\"http\"} 1\n",
                        "\ncaskade_requests_seconds_count{operation=\"invalid\",outcome=\"invalid_argument\",protocol=\"http\"} 1\n",
                        "\ncaskade_requests_seconds_bucket{operation=\"increment\",outcome=\"ok\",protocol=\"http\",le=\"10.0\"} 1\n");
    }

    @Test
    void theStatusOfEachPartitionIsShown() throws Exception {
        client.put("/v1/kv/shown", "1");

        String scraped = client.get("/metrics").text();

        for (int partition = 0; partition < 4; partition++) {
            assertThat(scraped)
                    .contains(
                            "\ncaskade_partition_role{partition=\"" + partition + "\",role=\"leader\"} 1.0\n",
                            "\ncaskade_partition_epoch{partition=\"" + partition + "\"} 1.0\n",
                            "\ncaskade_partition_isr_size{partition=\"" + partition + "\"} 1.0\n",
                            "\ncaskade_partition_in_sync{partition=\"" + partition + "\"} 1.0\n",
                            "\ncaskade_partition_high_watermark{partition=\"" + partition + "\"} ",
                            "\ncaskade_partition_taken_bytes{partition=\"" + partition + "\"} ");
        }
        assertThat(scraped).contains("\ncaskade_status_known 1.0\n");
    }
}
