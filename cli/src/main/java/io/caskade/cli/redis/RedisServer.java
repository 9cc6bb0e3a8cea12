package io.caskade.cli.redis;

import io.caskade.settings.HostPort;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;

/// Where a server listens, and as whom to speak to it.
///
/// @param user null for the default user
/// @param password null when none is needed
/// @param timeout of connecting, and of each reply
public record RedisServer(
        HostPort address, @Nullable String user, @Nullable String password, int database, Duration timeout) {

    /// The default user's first database, without a password.
    public static RedisServer at(HostPort address, Duration timeout) {
        return new RedisServer(address, null, null, 0, timeout);
    }

    HostAndPort jedisAddress() {
        return new HostAndPort(address.host(), address.port());
    }

    JedisClientConfig jedisConfig() {
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                .resp2()
                .autoNegotiateProtocol(false)
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .timeoutMillis(Math.toIntExact(timeout.toMillis()))
                .database(database);
        if (user != null) {
            config.user(user);
        }
        if (password != null) {
            config.password(password);
        }
        return config.build();
    }

    /// The address, without what is secret.
    @Override
    public String toString() {
        return database == 0 ? address.toString() : address + "/" + database;
    }
}
