package io.caskade.clients;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.springframework.cache.Cache;
import org.springframework.data.redis.cache.RedisCacheConfiguration;
import org.springframework.data.redis.cache.RedisCacheManager;
import org.springframework.data.redis.cache.RedisCacheWriter;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.Cursor;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.ScanOptions;
import org.springframework.data.redis.core.StringRedisTemplate;

/// Spring Data Redis on Lettuce: templates, a cache, and a repository of strings.
public final class SpringDataRedis {

    private SpringDataRedis() {}

    /// Keeps names by number, as an application would.
    private record Names(StringRedisTemplate template) {

        private static String key(long id) {
            return "spring:name:" + id;
        }

        void save(long id, String name) {
            template.opsForValue().set(key(id), name, Duration.ofMinutes(5));
        }

        boolean saveIfNew(long id, String name) {
            return Boolean.TRUE.equals(template.opsForValue().setIfAbsent(key(id), name));
        }

        Optional<String> find(long id) {
            return Optional.ofNullable(template.opsForValue().get(key(id)));
        }

        Set<String> keys() {
            Set<String> keys = new TreeSet<>();
            try (Cursor<String> cursor = template.scan(
                    ScanOptions.scanOptions().match("spring:name:*").count(100).build())) {
                cursor.forEachRemaining(keys::add);
            }
            return keys;
        }

        void deleteAll() {
            template.delete(keys());
        }
    }

    public static void main(String[] arguments) {
        LettuceConnectionFactory connections = new LettuceConnectionFactory(
                new RedisStandaloneConfiguration(arguments[0], Integer.parseInt(arguments[1])));
        connections.afterPropertiesSet();
        connections.start();
        try {
            StringRedisTemplate template = new StringRedisTemplate(connections);
            strings(template);
            repository(new Names(template));
            cache(connections);
        } finally {
            connections.destroy();
        }
        System.exit(0);
    }

    private static void strings(StringRedisTemplate template) {
        template.opsForValue().set("spring:a", "1", 100, TimeUnit.SECONDS);
        Expect.equal("1", template.opsForValue().get("spring:a"));
        Expect.between(90, 100, Objects.requireNonNull(template.getExpire("spring:a")));
        Expect.equal(42L, template.opsForValue().increment("spring:n", 42));
        Expect.equal(List.of("1", "42"), template.opsForValue().multiGet(List.of("spring:a", "spring:n")));
        List<Object> replies = template.executePipelined((RedisCallback<Object>)
                connection -> {
                    for (int i = 0; i < 200; i++) {
                        connection.stringCommands().get("spring:n".getBytes());
                    }
                    return null;
                });
        Expect.equal(200, replies.size());
        Expect.equal("42", replies.get(199));
        Expect.equal(2L, template.delete(List.of("spring:a", "spring:n")));
    }

    private static void repository(Names names) {
        names.save(1, "Ada");
        names.save(2, "Grace");
        Expect.equal(false, names.saveIfNew(1, "Eve"));
        Expect.equal(true, names.saveIfNew(3, "Barbara"));
        Expect.equal(Optional.of("Ada"), names.find(1));
        Expect.equal(Optional.empty(), names.find(4));
        Expect.equal(Set.of("spring:name:1", "spring:name:2", "spring:name:3"), names.keys());
        names.deleteAll();
        Expect.equal(Set.of(), names.keys());
    }

    private static void cache(LettuceConnectionFactory connections) {
        // Otherwise what is put may be written a moment later.
        RedisCacheWriter writer =
                RedisCacheWriter.create(connections, RedisCacheWriter.RedisCacheWriterConfigurer::immediateWrites);
        RedisCacheManager manager = RedisCacheManager.builder(writer)
                .cacheDefaults(RedisCacheConfiguration.defaultCacheConfig()
                        .entryTtl(Duration.ofMinutes(1))
                        .prefixCacheNameWith("spring:"))
                .build();
        manager.afterPropertiesSet();
        Cache cache = Objects.requireNonNull(manager.getCache("numbers"));
        cache.put(7, 49);
        Expect.equal(49, Objects.requireNonNull(cache.get(7)).get());
        Expect.equal(64, cache.get(8, () -> 64));
        Expect.equal(64, Objects.requireNonNull(cache.get(8)).get());
        Expect.equal(49, Objects.requireNonNull(cache.putIfAbsent(7, 0)).get());
        cache.evict(7);
        Expect.equal(null, cache.get(7));
        cache.clear();
        Expect.equal(null, cache.get(8));
    }
}
