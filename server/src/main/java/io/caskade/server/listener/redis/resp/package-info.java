/// The Redis serialization protocol: commands as clients send them, replies in RESP2 and RESP3.
@NullMarked
package io.caskade.server.listener.redis.resp;

import org.jspecify.annotations.NullMarked;
