package io.caskade.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Settings of every type there is.
record SampleSettings(
        @Setting(value = "data", doc = "Where files go.") Path dataDir,

        @Section("The service this one talks to.") Service service,

        @Section("What is kept.") Storage storage) {

    enum Durability {
        SYNC,
        EVERY_SECOND
    }

    record Service(
            @Setting(value = "127.0.0.1:2181", doc = "Where it listens.")
            HostPorts connect,

            @Setting(value = "", doc = "What others are told.")
            Optional<HostPort> advertised,

            @Setting(value = "6s", min = "1s", max = "60s", doc = "How long it may be silent.")
            Duration sessionTimeout,

            @Setting(value = "one", pattern = "[a-z]+", doc = "Its name.")
            String name) {}

    record Storage(
            @Setting(value = "64MiB", min = "1MiB", max = "1GiB", doc = "How large a segment grows.")
            ByteSize segmentSize,

            @Setting(value = "16MiB", min = "1KiB", doc = "How large a value may be.")
            ByteSize maxValueSize,

            @Setting(value = "sync", doc = "When writes count.")
            Durability durability,

            @Setting(value = "4", min = "1", max = "1024", doc = "How many there are.")
            int copies,

            @Setting(value = "true", doc = "Whether to check.")
            boolean checked) {

        Storage {
            if (maxValueSize.compareTo(segmentSize) > 0) {
                throw new InvalidSetting(
                        "max-value-size", "expected at most segment-size, " + segmentSize + ", found " + maxValueSize);
            }
        }
    }
}
