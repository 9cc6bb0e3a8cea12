package io.caskade.cli.migration;

import io.caskade.cli.command.GlobPattern;
import io.caskade.cli.redis.RedisServer;
import io.caskade.client.Bytes;
import io.caskade.settings.HostPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options that importing and exporting have in common. Filled by picocli, then only read.
final class MigrationOptions {

    /// As redis-cli has it: a password in it is in no list of processes.
    private static final String PASSWORD = "REDISCLI_AUTH";

    @Option(names = "--user", paramLabel = "NAME", description = "The user of Redis; without it the default one.")
    private @Nullable String user;

    @Option(
            names = "--password",
            paramLabel = "PASSWORD",
            description = "The password of Redis; better in $REDISCLI_AUTH, which other users do not see.")
    private @Nullable String password;

    @Option(names = "--database", paramLabel = "NUMBER", description = "The database of Redis, 0 without it.")
    private int database;

    @Option(names = "--match", paramLabel = "PATTERN", description = "Copy only the keys that match, such as 'user:*'.")
    private @Nullable String match;

    @Option(names = "--rate", paramLabel = "N", description = "Read at most N keys a second.")
    private int rate;

    @Option(
            names = "--resume",
            paramLabel = "FILE",
            description =
                    "Keep in FILE how far it is; when it is there, go on from where it says. It is deleted when all"
                            + " is done.")
    private @Nullable Path resume;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Add to FILE which keys were skipped and which differ; without it, standard error has them.")
    private @Nullable Path report;

    @Option(names = "--no-verify", description = "Do not read everything again to compare it.")
    private boolean unverified;

    @Option(names = "--json", description = "Print JSON objects, the last one with the counts.")
    private boolean json;

    /// What is wrong with them; empty when nothing is.
    Optional<String> problem() {
        if (rate < 0) {
            return Optional.of("--rate takes keys a second, at least 1, not " + rate);
        }
        return database < 0 ? Optional.of("--database takes a number, not " + database) : Optional.empty();
    }

    RedisServer server(HostPort address, Duration timeout, Map<String, String> environment) {
        String secret = password == null ? environment.get(PASSWORD) : password;
        return new RedisServer(address, user, secret, database, timeout);
    }

    GlobPattern match() {
        return match == null ? GlobPattern.ALL : new GlobPattern(Bytes.utf8(match));
    }

    int rate() {
        return rate;
    }

    Optional<Path> resume() {
        return Optional.ofNullable(resume).map(Path::toAbsolutePath);
    }

    Optional<Path> report() {
        return Optional.ofNullable(report);
    }

    boolean isVerified() {
        return !unverified;
    }

    boolean json() {
        return json;
    }
}
