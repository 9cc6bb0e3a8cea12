/// The listener for the Redis protocol: RESP2 and RESP3 without TLS, for the clients and tools of Redis.
///
/// Each connection belongs to one event loop. Its commands begin in the order in which they came, and go on
/// concurrently as long as they name different keys, or the leader of their key decides them in order; replies
/// are in order, and those of one read from the socket are written together. What may wait for the disk or for
/// room runs on a virtual thread. `resp` has the protocol, `command` what the commands do.
@NullMarked
package io.caskade.server.listener.redis;

import org.jspecify.annotations.NullMarked;
