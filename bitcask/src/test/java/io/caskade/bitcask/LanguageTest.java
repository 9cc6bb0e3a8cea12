package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.segment.SegmentName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A store is the same whatever the machine's language is: one whose digits are not 0 to 9, or one that folds
/// case in its own way.
final class LanguageTest {

    private static final String PERSIAN = "fa-IR";
    private static final Path DIRECTORY = Path.of("/data");
    private static final Options OPTIONS =
            Options.defaults().withSegmentBytes(4096).withMerges(MergeOptions.off());

    private final Locale before = Locale.getDefault();

    @AfterEach
    void restoreTheLanguage() {
        Locale.setDefault(before);
    }

    private static void speak(String language) {
        Locale.setDefault(Locale.forLanguageTag(language));
    }

    @ParameterizedTest
    @ValueSource(strings = {PERSIAN, "ar-EG-u-nu-arab", "hi-IN-u-nu-deva", "th-TH-u-nu-thai", "tr-TR"})
    void mergedSegmentsAreNamedWithTheDigits0To9(String language) throws IOException {
        FaultyDisk disk = new FaultyDisk(1);
        speak(language);
        Bitcask halted = Bitcask.open(DIRECTORY, OPTIONS, disk);
        Map<String, String> written = write(halted);
        halted.merge();
        assertThat(disk.list(DIRECTORY))
                .map(file -> file.getFileName().toString())
                .anyMatch(name -> name.matches("[0-9]{20}-[0-9]{20}-[0-9]{10}[.]log"))
                .allMatch(name -> StandardCharsets.US_ASCII.newEncoder().canEncode(name));
        disk.kill();

        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            assertThat(all(store)).isEqualTo(written);
        }
        Locale.setDefault(Locale.ROOT);
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            assertThat(all(store)).isEqualTo(written);
        }
    }

    /// As a build that asked the locale left them, after a clean stop and after a crash.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void segmentsThatAreNamedWithOtherDigitsAreFound(boolean crashed, @TempDir Path directory) throws IOException {
        Map<String, String> written;
        try (Bitcask store = Bitcask.open(directory, OPTIONS)) {
            written = write(store);
            store.merge();
        }
        renameInPersian(directory);
        if (crashed) {
            Files.delete(directory.resolve("checkpoint"));
        }
        try (Bitcask store = Bitcask.open(directory, OPTIONS)) {
            assertThat(all(store)).isEqualTo(written);
            written.putAll(write(store));
            store.merge();
            assertThat(all(store)).isEqualTo(written);
        }
        try (Bitcask store = Bitcask.open(directory, OPTIONS)) {
            assertThat(all(store)).isEqualTo(written);
        }
    }

    @Test
    void aNameWithOtherDigitsSaysTheSame() {
        SegmentName name = new SegmentName(1, 4_711, 2);

        assertThat(SegmentName.of(Path.of(inPersian(name.fileName())))).isEqualTo(Optional.of(name));
        assertThat(SegmentName.of(Path.of(inPersian("00000000000000000815.log"))))
                .isEqualTo(Optional.of(new SegmentName(815, 0, 0)));
        assertThat(SegmentName.of(Path.of("0000000000000000081x.log"))).isEmpty();
    }

    private static void renameInPersian(Path directory) throws IOException {
        List<Path> merged;
        try (Stream<Path> files = Files.list(directory)) {
            merged = files.filter(file -> file.getFileName().toString().matches("[0-9]+-[0-9]+-.*"))
                    .toList();
        }
        assertThat(merged).isNotEmpty();
        for (Path file : merged) {
            Files.move(file, file.resolveSibling(inPersian(file.getFileName().toString())));
        }
    }

    private static String inPersian(String name) {
        StringBuilder text = new StringBuilder();
        name.chars().forEach(c -> text.append((char) (c >= '0' && c <= '9' ? c - '0' + '\u06f0' : c)));
        return text.toString();
    }

    private static Map<String, String> write(Bitcask store) throws IOException {
        Map<String, String> written = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            String key = "key" + i % 50;
            String value = "value" + i;
            store.put(key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
            written.put(key, value);
        }
        return written;
    }

    private static Map<String, String> all(Bitcask store) throws IOException {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < 50; i++) {
            Entry entry = store.get(("key" + i).getBytes(StandardCharsets.UTF_8));
            if (entry != null) {
                all.put("key" + i, new String(entry.value(), StandardCharsets.UTF_8));
            }
        }
        return all;
    }
}
