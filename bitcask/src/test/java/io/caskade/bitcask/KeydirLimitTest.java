package io.caskade.bitcask;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A store whose keydir may take no more memory.
final class KeydirLimitTest {

    private static final int MAX_KEYS = 100;

    @TempDir
    private Path directory = Path.of("");

    private static byte[] key(int number) {
        return ("key " + number).getBytes(UTF_8);
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void newKeysAreRefusedAndExistingOnesCanBeWrittenAndDeleted(Durability durability) throws Exception {
        Options options = Options.defaults().withDurability(durability).withMaxKeydirBytes(38L * MAX_KEYS);
        try (Bitcask store = Bitcask.open(directory, options)) {
            for (int i = 0; i < MAX_KEYS; i++) {
                store.put(key(i), key(i));
            }
            assertRefused(store);
            store.put(key(7), key(8));
            assertThat(Objects.requireNonNull(store.get(key(7))).value()).isEqualTo(key(8));
        }
        try (Bitcask store = Bitcask.open(directory, options)) {
            assertRefused(store);
            store.delete(key(3));
            store.put(key(MAX_KEYS), key(MAX_KEYS));
            assertRefused(store);
            assertThat(store.size()).isEqualTo(MAX_KEYS);
        }
    }

    private static void assertRefused(Bitcask store) throws Exception {
        assertThatThrownBy(() -> store.put(key(1000), key(1)))
                .hasRootCauseInstanceOf(KeydirFullException.class)
                .hasMessageContaining("withMaxKeydirBytes");
        assertThat(store.get(key(1000))).isNull();
    }
}
