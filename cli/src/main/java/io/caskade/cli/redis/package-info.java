/// A connection to a server that speaks the Redis protocol: Redis itself, or a node. What the library throws
/// becomes [io.caskade.cli.redis.RedisException] here.
@NullMarked
package io.caskade.cli.redis;

import org.jspecify.annotations.NullMarked;
