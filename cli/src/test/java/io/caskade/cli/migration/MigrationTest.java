package io.caskade.cli.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.cli.command.GlobPattern;
import io.caskade.cli.migration.MigrationState.Count;
import io.caskade.cli.migration.MigrationState.Phase;
import io.caskade.client.Bytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a migration copies, counts and compares, whatever its ends are.
class MigrationTest {

    private static final long FAR_AWAY = System.currentTimeMillis() + 10_000_000;

    private final MapStore from = new MapStore();
    private final MapStore to = new MapStore();
    private final List<String> said = new ArrayList<>();
    private MigrationState state = new MigrationState("0");
    private GlobPattern match = GlobPattern.ALL;

    private final class Saying implements Migration.Listener {
        @Override
        public void skipped(SkippedKey key) {
            said.add("skipped " + key.key() + " " + key.kind());
        }

        @Override
        public void different(Bytes key, String difference) {
            said.add("different " + key + " " + difference);
        }

        @Override
        public void moved(double fraction) {}
    }

    private void migrate() throws IOException, InterruptedException {
        migrate(true);
    }

    private void migrate(boolean verified) throws IOException, InterruptedException {
        new Migration(new Migration.Plan(from, to, match, 0, verified), state, new Saying()).run();
    }

    private void fill(int keys) {
        for (int i = 0; i < keys; i++) {
            from.put("key:" + i, "value " + i);
        }
    }

    @Test
    void everyStringIsCopiedWithItsExpiry() throws Exception {
        fill(10);
        from.put("expiring", "soon", FAR_AWAY);

        migrate();

        assertThat(to.records()).isEqualTo(from.records());
        assertThat(state.count(Count.COPIED)).isEqualTo(11);
        assertThat(state.count(Count.EXPIRING)).isEqualTo(1);
        assertThat(state.count(Count.VERIFIED)).isEqualTo(11);
        assertThat(state.isComplete()).isTrue();
        assertThat(state.phase()).isEqualTo(Phase.DONE);
    }

    @Test
    void whatIsThereIsOverwrittenAndTheRestIsLeft() throws Exception {
        from.put("a", "new");
        to.put("a", "old", FAR_AWAY).put("b", "other");

        migrate();

        assertThat(to.records()).containsOnlyKeys("a", "b");
        assertThat(to.records().get("a")).isEqualTo(from.records().get("a"));
    }

    @Test
    void otherTypesAreNamedAndCountedByType() throws Exception {
        from.put("a", "1").putOther("l", "list").putOther("h", "hash").putOther("h2", "hash");

        migrate();

        assertThat(said).containsExactly("skipped \"h\" hash", "skipped \"h2\" hash", "skipped \"l\" list");
        assertThat(state.skipped()).isEqualTo(Map.of("hash", 2L, "list", 1L));
        assertThat(state.isComplete()).isFalse();
    }

    @Test
    void whatTheOtherEndRefusesIsNamedAndNotMissed() throws Exception {
        from.put("a", "1").put("b", "2", FAR_AWAY);
        to.refuse("b");

        migrate();

        assertThat(said).containsExactly("skipped \"b\" refused");
        assertThat(state.count(Count.COPIED)).isEqualTo(1);
        assertThat(state.count(Count.EXPIRING)).isZero();
        assertThat(state.count(Count.DIFFERENT)).isZero();
        assertThat(state.isComplete()).isFalse();
    }

    @Test
    void whatHasExpiredIsCountedAndNotWritten() throws Exception {
        from.put("a", "1").put("gone", "2", System.currentTimeMillis() - 1);

        migrate(false);

        assertThat(to.records()).containsOnlyKeys("a");
        assertThat(state.count(Count.GONE)).isEqualTo(1);
        assertThat(state.isComplete()).isTrue();
    }

    @Test
    void whatExpiresWhileItIsComparedIsNoDifference() throws Exception {
        from.put("a", "1", System.currentTimeMillis() + 500);
        from.beforePage(() -> {
            if (state.phase() == Phase.VERIFY) {
                to.remove("a");
            }
        });

        migrate();

        assertThat(state.count(Count.DIFFERENT)).isZero();
        assertThat(state.count(Count.GONE)).isEqualTo(1);
    }

    @Test
    void onlyKeysThatMatchAreCopied() throws Exception {
        from.put("user:1", "a").put("user:2", "b").put("order:1", "c");
        match = new GlobPattern(Bytes.utf8("user:*"));

        migrate();

        assertThat(to.records()).containsOnlyKeys("user:1", "user:2");
        assertThat(state.count(Count.VERIFIED)).isEqualTo(2);
    }

    @Nested
    class Comparing {

        private void beforeComparing(Runnable change) {
            from.beforePage(() -> {
                if (state.phase() == Phase.VERIFY) {
                    change.run();
                }
            });
        }

        @Test
        void aValueThatDiffersIsReported() throws Exception {
            from.put("a", "1");
            beforeComparing(() -> to.put("a", "22"));

            migrate();

            assertThat(said).containsExactly("different \"a\" the value differs, 1 and 2 bytes");
            assertThat(state.count(Count.VERIFIED)).isEqualTo(1);
            assertThat(state.isComplete()).isFalse();
        }

        @Test
        void anExpiryThatDiffersByAMillisecondIsReported() throws Exception {
            from.put("a", "1", FAR_AWAY).put("b", "1");
            beforeComparing(() -> to.put("a", "1", FAR_AWAY + 1).put("b", "1", FAR_AWAY));

            migrate();

            assertThat(said)
                    .hasSize(2)
                    .allMatch(line -> line.contains("the expiry differs"))
                    .last()
                    .asString()
                    .contains("never and ");
        }

        @Test
        void aRecordThatIsMissingIsReported() throws Exception {
            from.put("a", "1");
            beforeComparing(() -> to.remove("a"));

            migrate();

            assertThat(said).containsExactly("different \"a\" it is missing");
        }

        @Test
        void nothingIsReadAgainWhenThatIsNotWanted() throws Exception {
            fill(5);

            migrate(false);

            assertThat(state.count(Count.VERIFIED)).isZero();
            assertThat(state.phase()).isEqualTo(Phase.DONE);
        }
    }

    @Nested
    class Resuming {

        @TempDir
        private Path directory = Path.of("");

        private void resume() throws IOException {
            Path file = directory.resolve("state");
            state.save(file, Map.of("from", "here\\there"));
            assertThat(MigrationState.load(file)).containsEntry("from", "here\\there");
            assertThat(directory).isDirectoryNotContaining(path -> !path.equals(file));
            state = MigrationState.of(MigrationState.load(file));
        }

        @Test
        void itGoesOnWhereItFailed() throws Exception {
            fill(10);
            from.putOther("a", "list");
            from.failAfter(2);
            assertThatThrownBy(MigrationTest.this::migrate).isInstanceOf(IOException.class);
            assertThat(state.count(Count.COPIED)).isEqualTo(5);

            resume();
            from.failAfter(Integer.MAX_VALUE);
            to.remove("key:0");
            migrate(false);

            assertThat(state.count(Count.COPIED)).isEqualTo(10);
            assertThat(state.skipped()).isEqualTo(Map.of("list", 1L));
            assertThat(to.records()).hasSize(9).doesNotContainKey("key:0");
        }

        @Test
        void itGoesOnComparing() throws Exception {
            fill(10);
            from.failAfter(5);
            assertThatThrownBy(MigrationTest.this::migrate).isInstanceOf(IOException.class);
            assertThat(state.phase()).isEqualTo(Phase.VERIFY);
            assertThat(state.count(Count.VERIFIED)).isEqualTo(3);

            resume();
            from.failAfter(Integer.MAX_VALUE);
            migrate();

            assertThat(state.count(Count.VERIFIED)).isEqualTo(10);
            assertThat(state.count(Count.COPIED)).isEqualTo(10);
        }

        @Test
        void aPageThatIsReadAgainIsCountedOnce() throws Exception {
            fill(4);
            to.refuse("key:3");
            from.beforePage(() -> {
                if (state.cursor().equals("3")) {
                    // The page's records are counted, and then the process ends.
                    state.add(Count.COPIED, 1);
                    state.addSkipped("list");
                }
            });
            from.failAfter(1);
            assertThatThrownBy(MigrationTest.this::migrate).isInstanceOf(IOException.class);

            resume();
            from.beforePage(() -> {});
            from.failAfter(Integer.MAX_VALUE);
            migrate();

            assertThat(state.count(Count.COPIED)).isEqualTo(3);
            assertThat(state.skipped()).isEqualTo(Map.of(SkippedKey.REFUSED, 1L));
        }
    }
}
