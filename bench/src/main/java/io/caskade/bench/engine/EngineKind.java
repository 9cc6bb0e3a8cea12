package io.caskade.bench.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/// The engines that are compared.
enum EngineKind {
    CASKADE("[\\d-]+\\.log"),
    ROCKSDB(".*\\.(sst|log)"),
    LMDB("(data|lock)\\.mdb"),
    MAPDB("store.*");

    private final Pattern dataFiles;

    EngineKind(String dataFiles) {
        this.dataFiles = Pattern.compile(dataFiles);
    }

    /// The name in the results.
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The engine of a name.
    ///
    /// @throws IllegalArgumentException when there is none
    static EngineKind of(String id) {
        return Arrays.stream(values())
                .filter(kind -> kind.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no engine " + id));
    }

    /// Opens the store in a directory that exists, creating the store when the directory is empty.
    Engine open(Path directory, WriteMode mode) throws IOException {
        return switch (this) {
            case CASKADE -> new CaskadeEngine(directory, mode);
            case ROCKSDB -> new RocksDbEngine(directory, mode);
            case LMDB -> new LmdbEngine(directory, mode);
            case MAPDB -> new MapDbEngine(directory, mode);
        };
    }

    /// Whether a file holds records, so that what is mapped of it is the system's cache and not the engine's
    /// memory.
    boolean isDataFile(String fileName) {
        return dataFiles.matcher(fileName).matches();
    }
}
