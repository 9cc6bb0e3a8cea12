package io.caskade.clients;

import java.time.Duration;
import org.redisson.Redisson;
import org.redisson.api.RAtomicLong;
import org.redisson.api.RBucket;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/// Redisson's objects that need no scripts: buckets, and numbers that are counted.
public final class RedissonObjects {

    private RedissonObjects() {}

    public static void main(String[] arguments) {
        Config config = new Config().setCodec(StringCodec.INSTANCE);
        config.useSingleServer()
                .setAddress("redis://" + arguments[0] + ":" + arguments[1])
                .setConnectionMinimumIdleSize(1)
                .setConnectionPoolSize(4);
        RedissonClient client = Redisson.create(config);
        try {
            bucket(client.getBucket("redisson:bucket"));
            number(client.getAtomicLong("redisson:number"));
        } finally {
            client.shutdown();
        }
        System.exit(0);
    }

    private static void bucket(RBucket<String> bucket) {
        bucket.delete();
        bucket.set("1", Duration.ofSeconds(100));
        Expect.equal("1", bucket.get());
        Expect.between(90_000, 100_000, bucket.remainTimeToLive());
        Expect.equal(false, bucket.setIfAbsent("2"));
        Expect.equal("1", bucket.getAndSet("3"));
        Expect.equal(true, bucket.isExists());
        Expect.equal(1L, bucket.size());
        Expect.equal("3", bucket.get());
        Expect.equal(true, bucket.delete());
        Expect.equal(null, bucket.get());
    }

    private static void number(RAtomicLong number) {
        number.delete();
        Expect.equal(1L, number.incrementAndGet());
        Expect.equal(42L, number.addAndGet(41));
        Expect.equal(41L, number.decrementAndGet());
        Expect.equal(41L, number.get());
        Expect.equal(true, number.delete());
    }
}
