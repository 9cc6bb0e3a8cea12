package io.caskade.bitcask;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.testing.ZippedFixture;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Stores that an earlier build wrote open with this one; `older/README.md` says what is in them.
class OlderStoresTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"clean", "killed"})
    void storeOfAnEarlierBuildOpensWithAllItsRecords(String store) throws IOException {
        ZippedFixture.unpack(OlderStoresTest.class, "/older/library.zip", directory);

        try (Bitcask opened = Bitcask.open(directory.resolve(store), Options.defaults())) {
            for (int i = 1; i < 200; i++) {
                assertThat(value(opened, "key-" + i)).isEqualTo(i == 10 ? null : "value-" + i);
            }
            assertThat(value(opened, "key-0")).isNull();
            assertThat(value(opened, "short")).isNull();
            assertThat(value(opened, "long")).isEqualTo("there");
            assertThat(value(opened, "after")).isEqualTo("merge");

            opened.put("key-0".getBytes(UTF_8), "back".getBytes(UTF_8));
            opened.merge();
        }
        try (Bitcask again = Bitcask.open(directory.resolve(store), Options.defaults())) {
            assertThat(value(again, "key-0")).isEqualTo("back");
            assertThat(value(again, "key-199")).isEqualTo("value-199");
        }
    }

    private static @Nullable String value(Bitcask store, String key) throws IOException {
        Entry entry = store.get(key.getBytes(UTF_8));
        return entry == null ? null : new String(entry.value(), UTF_8);
    }
}
