package io.caskade.systemtests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caskade.api.KeySlots;
import io.caskade.client.CaskadeClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The sessions of `docs/http.md`, typed with `curl` through every node of a cluster of processes, before,
/// during and after the death of a leader.
class HttpSessionsTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Path PAGE = Path.of("../docs/http.md");
    private static final Pattern SESSION = Pattern.compile("```console\n(.*?)```", Pattern.DOTALL);
    private static final int PARTITIONS = 2;
    private static final int FIRST_PORT = 8080;
    private static final long CURL_SECONDS = 30;

    /// Fields whose values depend on what was written before, on the time and on the cluster.
    private static final Set<String> VARYING =
            Set.of("version", "ttl", "causal-context", "address", "shards", "key-count", "replicas");

    @TempDir
    private Path directory = Path.of("");

    /// A command, and what it prints.
    private record Step(String command, String output) {}

    private static List<List<Step>> sessions() throws IOException {
        List<List<Step>> sessions = new ArrayList<>();
        SESSION.matcher(Files.readString(PAGE)).results().forEach(found -> {
            List<Step> steps = new ArrayList<>();
            for (String part : found.group(1).split("(?m)^\\$ ", -1)) {
                if (!part.isBlank()) {
                    String[] lines = part.split("\n", 2);
                    steps.add(new Step(lines[0], lines[1].strip()));
                }
            }
            sessions.add(steps);
        });
        return sessions;
    }

    @Test
    void theSessionsOfThePageAreAnsweredByEveryNodeWhileALeaderDies() throws Exception {
        assertThat(sessions()).hasSize(2);
        try (LocalCluster cluster = LocalCluster.start(directory);
                CaskadeClient client = cluster.client(Duration.ofSeconds(30))) {
            cluster.awaitAllInSync(client);
            type(cluster, cluster.ids());

            String leader = LocalCluster.leaderOf(client, KeySlots.partitionOf("course".getBytes(UTF_8), PARTITIONS));
            cluster.kill(leader);
            List<String> living =
                    cluster.ids().stream().filter(id -> !id.equals(leader)).toList();
            type(cluster, living);
            type(cluster, living.reversed());

            cluster.startAgain(leader);
            type(cluster, cluster.ids());
        }
    }

    /// Types the page's sessions.
    ///
    /// @param nodes stand for the page's, again from the first when there are not enough
    private void type(LocalCluster cluster, List<String> nodes) throws Exception {
        Map<String, String> ports = new HashMap<>();
        Set<String> addresses = new HashSet<>();
        for (int i = 0; i < cluster.ids().size(); i++) {
            ports.put("localhost:" + (FIRST_PORT + i), "127.0.0.1:" + cluster.httpPort(nodes.get(i % nodes.size())));
            addresses.add("127.0.0.1:" + cluster.httpPort(cluster.ids().get(i)));
        }
        for (List<Step> session : sessions()) {
            new Session(ports, addresses).type(session);
        }
    }

    /// Takes contexts from answers, where the page has those of another run.
    private final class Session {

        private final Map<String, String> actual;
        private final Set<String> addresses;

        Session(Map<String, String> ports, Set<String> addresses) {
            this.actual = new HashMap<>(ports);
            this.addresses = addresses;
        }

        void type(List<Step> steps) throws Exception {
            for (Step step : steps) {
                String command = step.command();
                for (Map.Entry<String, String> known : actual.entrySet()) {
                    command = command.replace(known.getKey(), known.getValue());
                }
                compare(command, step.output(), run(command));
            }
        }

        private void compare(String command, String expected, String output) throws IOException {
            if (expected.startsWith("{")) {
                assertThat(output).as(command).startsWith("{");
                compare(command + "\n" + output, MAPPER.readTree(expected), MAPPER.readTree(output));
            } else {
                assertThat(output).as(command).isEqualTo(expected);
            }
        }

        private void compare(String what, JsonNode expected, JsonNode found) {
            assertThat(names(found)).as(what).isEqualTo(names(expected));
            if (found.has("address")) {
                assertThat(addresses).as(what).contains(found.get("address").asText());
            }
            for (String name : names(expected)) {
                JsonNode there = found.get(name);
                if (name.equals("causal-context")) {
                    actual.put(expected.get(name).asText(), there.asText());
                } else if (expected.get(name).isObject()) {
                    compare(what, expected.get(name), there);
                } else if (expected.get(name).isArray() && !VARYING.contains(name)) {
                    assertThat(there).as(what).hasSameSizeAs(expected.get(name));
                    for (int i = 0; i < there.size(); i++) {
                        compare(what, expected.get(name).get(i), there.get(i));
                    }
                } else if (!VARYING.contains(name)) {
                    assertThat(there).as(what).isEqualTo(expected.get(name));
                }
            }
        }

        private static Set<String> names(JsonNode object) {
            Set<String> names = new HashSet<>();
            object.fieldNames().forEachRemaining(names::add);
            names.remove("address");
            return names;
        }
    }

    private String run(String command) throws Exception {
        Process process = new ProcessBuilder(
                        "bash", "-c", command.replaceFirst("^curl ", "curl -sS --max-time " + CURL_SECONDS + " "))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(process.waitFor(CURL_SECONDS, TimeUnit.SECONDS)).as(command).isTrue();
        assertThat(process.exitValue()).as(command + "\n" + output).isZero();
        return output;
    }
}
