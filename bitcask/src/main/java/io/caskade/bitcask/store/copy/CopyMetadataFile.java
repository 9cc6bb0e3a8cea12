package io.caskade.bitcask.store.copy;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// Reads and writes the file `copy` of a copy's directory: lines of `name value` with a checksum, replaced
/// atomically.
public final class CopyMetadataFile {

    /// Its name.
    public static final String NAME = "copy";

    private static final String NEW_NAME = "copy.new";
    private static final String FORMAT = "caskade-copy";
    private static final String VERSION = "1";
    private static final int MAX_BYTES = 4096;

    private final Disk disk;
    private final Path directory;

    /// The file of a copy's directory.
    public CopyMetadataFile(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /// Reads the file; empty when there is none.
    ///
    /// @throws IOException when it is damaged or of another format version
    public Optional<CopyState> read() throws IOException {
        Path path = directory.resolve(NAME);
        if (!disk.exists(path)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
        try (DiskFile file = disk.openForReading(path)) {
            file.read(bytes, 0);
        }
        return Optional.of(
                parse(path, StandardCharsets.UTF_8.decode(bytes.flip()).toString()));
    }

    /// Replaces the file, durably.
    public void write(CopyState state) throws IOException {
        Path newFile = directory.resolve(NEW_NAME);
        if (disk.exists(newFile)) {
            disk.delete(newFile);
        }
        try (DiskFile file = disk.create(newFile)) {
            file.write(ByteBuffer.wrap(format(state).getBytes(StandardCharsets.UTF_8)), 0);
            file.sync();
        }
        disk.rename(newFile, directory.resolve(NAME));
        disk.syncDirectory(directory);
    }

    private static String format(CopyState state) {
        String body = FORMAT + " " + VERSION + "\n"
                + "id " + state.id() + "\n"
                + formerIds(state)
                + "partition " + state.partition() + "\n"
                + "durability " + state.durability() + "\n"
                + "boot " + state.boot() + "\n"
                + "watermark " + state.highWatermark() + "\n"
                + state.cleanEnd().map(end -> "clean-end " + end + "\n").orElse("")
                + bound("horizon", state.bounds().purgeHorizon())
                + bound("whole-from", state.bounds().completeAt())
                + bound("log-time", state.bounds().logTime())
                + state.checkpoint()
                        .map(crc -> "checkpoint " + HexFormat.of().toHexDigits(crc) + "\n")
                        .orElse("");
        return body + "crc32c " + checksum(body) + "\n";
    }

    private static String bound(String name, long value) {
        return value == 0 ? "" : name + " " + value + "\n";
    }

    private static String formerIds(CopyState state) {
        return state.formerIds().isEmpty()
                ? ""
                : state.formerIds().stream().map(UUID::toString).collect(Collectors.joining(" ", "former-id ", "\n"));
    }

    private static CopyState parse(Path path, String text) throws IOException {
        int checked = text.lastIndexOf("crc32c ");
        if (checked < 0 || !text.substring(checked).equals("crc32c " + checksum(text.substring(0, checked)) + "\n")) {
            throw new IOException(path + ": damaged: its checksum does not match; `" + NAME
                    + "` identifies the copy in this directory and cannot be guessed");
        }
        Map<String, String> lines = new LinkedHashMap<>();
        text.substring(0, checked).lines().forEach(line -> {
            String[] words = line.split(" ", 2);
            lines.put(words[0], words.length == 2 ? words[1] : "");
        });
        if (!VERSION.equals(lines.get(FORMAT))) {
            throw new IOException(
                    path + ": of format version " + lines.get(FORMAT) + "; this release reads " + VERSION);
        }
        try {
            return new CopyState(
                    UUID.fromString(required(path, lines, "id")),
                    Stream.of(lines.getOrDefault("former-id", "").split(" "))
                            .filter(former -> !former.isEmpty())
                            .map(UUID::fromString)
                            .toList(),
                    Integer.parseInt(required(path, lines, "partition")),
                    Durability.valueOf(required(path, lines, "durability")),
                    required(path, lines, "boot"),
                    Long.parseLong(required(path, lines, "watermark")),
                    Optional.ofNullable(lines.get("clean-end")).map(Long::parseLong),
                    Optional.ofNullable(lines.get("checkpoint")).map(HexFormat::fromHexDigits),
                    new CopyBounds(
                            Long.parseLong(lines.getOrDefault("horizon", "0")),
                            Long.parseLong(lines.getOrDefault("whole-from", "0")),
                            Long.parseLong(lines.getOrDefault("log-time", "0"))));
        } catch (IllegalArgumentException e) {
            throw new IOException(path + ": has a line that cannot be read: " + e.getMessage(), e);
        }
    }

    private static String required(Path path, Map<String, String> lines, String name) throws IOException {
        String value = lines.get(name);
        if (value == null) {
            throw new IOException(path + ": has no line `" + name + "`");
        }
        return value;
    }

    private static String checksum(String body) {
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
