/// The Java client. It finds the cluster through ZooKeeper, sends each call to the leader of the key's
/// partition, or a read that allows it to any replica, retries what is safe to retry, and reports when the
/// outcome of a write is unknown.
///
/// [CaskadeClient] blocks, [AsyncCaskadeClient] does not; both are thread-safe.
/// This package is the whole API. The packages below it, `call` and `routing`, are internal even where they
/// are public: no signature here mentions them, and they may change in any release.
@NullMarked
package io.caskade.client;

import org.jspecify.annotations.NullMarked;
