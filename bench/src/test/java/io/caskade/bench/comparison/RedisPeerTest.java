package io.caskade.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caskade.bench.load.FailedReplyException;
import io.caskade.bench.load.LoadClient;
import io.caskade.bench.process.RedisServers;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real Redis servers under the real load, too short to measure anything.
class RedisPeerTest {

    private static final Records RECORDS = new Records(50, 100);
    private static final LoadMeter SHORT = new LoadMeter(Duration.ZERO, Duration.ofMillis(200));

    private static final PrintStream NOWHERE = new PrintStream(PrintStream.nullOutputStream());

    @TempDir
    private Path parent = Path.of("");

    @BeforeAll
    static void needsRedis() {
        assumeTrue(RedisServers.areInstalled(), "skipped: there is no redis-server on the PATH to compare with");
    }

    private static Contender contender(RedisServers redis, int confirming) {
        return new Contenders(RECORDS, NOWHERE).redis(redis, confirming);
    }

    @Test
    void replicasConfirmEachWriteAndAllIsEndedAndRemoved() throws Exception {
        List<Long> pids;
        try (RedisServers redis = RedisServers.start(parent, 2)) {
            pids = redis.pids();
            Replicas.await(redis.master(), 2);
            Contender contender = contender(redis, 2);
            contender.fill();
            for (LoadShape shape : List.of(new LoadShape(3, 1), new LoadShape(3, 16))) {
                for (boolean puts : new boolean[] {true, false}) {
                    LoadFigures figures = SHORT.measureClosed(contender, puts, shape, 1);
                    assertThat(figures.failures()).hasToString("none");
                    assertThat(figures.perSecond()).isPositive();
                    assertThat(figures.p99()).isGreaterThanOrEqualTo(figures.p50());
                    assertThat(figures.processorMicros()).isNotNegative();
                }
            }
        }

        assertThat(pids).hasSize(3).allMatch(pid -> ProcessHandle.of(pid).isEmpty());
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void anOpenLoopHoldsItsRate() throws Exception {
        try (RedisServers redis = RedisServers.start(parent, 0)) {
            Contender contender = contender(redis, 0);
            contender.fill();

            LoadFigures figures = SHORT.measureOpen(contender, false, new LoadShape(3, 1), 500, 1);

            assertThat(figures.failures()).hasToString("none");
            assertThat(figures.perSecond()).isBetween(300.0, 700.0);
        }
    }

    @Test
    void aServerThatIsGoneIsAFailure() throws Exception {
        try (RedisServers redis = RedisServers.start(parent, 0)) {
            Contender contender = contender(redis, 0);
            contender.fill();
            try (LoadClient client = contender.connect(false, new LoadShape(2, 1), 1)) {
                ProcessHandle server = ProcessHandle.of(redis.pids().getFirst()).orElseThrow();
                assertThat(server.destroyForcibly()).isTrue();
                server.onExit().join();

                assertThat(client.start(0).handle((_, failure) -> failure).join())
                        .isInstanceOf(FailedReplyException.class);
            }
        }
    }

    @Test
    void keysThatAreMissingAreFailures() throws Exception {
        try (RedisServers redis = RedisServers.start(parent, 0)) {
            LoadFigures figures = SHORT.measureClosed(contender(redis, 0), false, new LoadShape(3, 1), 1);

            assertThat(figures.perSecond()).isZero();
            assertThat(figures.failures().counts()).containsOnlyKeys("no such key");
        }
    }

    @Test
    void redisBenchmarkMeasuresIt() throws Exception {
        Optional<RedisBenchmark> benchmark = RedisBenchmark.find(RECORDS);
        assumeTrue(benchmark.isPresent(), "skipped: there is no redis-benchmark on the PATH");
        try (RedisServers redis = RedisServers.start(parent, 0)) {
            RedisBenchmark.Result result = benchmark
                    .get()
                    .measure(redis.master(), true, new LoadShape(5, 4), Duration.ZERO, Duration.ofMillis(100));

            assertThat(result.perSecond()).isPositive();
        }
    }
}
