/// The Java client: it finds a cluster through ZooKeeper, sends each key's call to the leader of the key's partition,
/// retries what is safe to retry and says when a write's outcome is unknown.
///
/// [CaskadeClient] blocks, [AsyncCaskadeClient] does not; both are safe for use by any number of threads. The package
/// knows nothing of how nodes store or replicate.
@NullMarked
package io.caskade.client;

import org.jspecify.annotations.NullMarked;
