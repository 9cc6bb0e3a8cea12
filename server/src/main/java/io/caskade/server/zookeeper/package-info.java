/// ZooKeeper: the [Coordinator][io.caskade.server.cluster.Coordinator] on Curator, and the embedded server of a
/// standalone node. The only package that knows either library.
///
/// **Threads.** All state belongs to one thread, the coordinator's thread, which also makes every call to
/// observers. Curator's and ZooKeeper's own threads only pass events to it: nothing blocks them, and callers'
/// threads only enqueue.
///
/// **Curator where it helps, ZooKeeper where it must.** Curator maintains the connection, the cache of the
/// image and the election latch. Everything whose outcome matters uses ZooKeeper's own asynchronous calls,
/// once: Curator retries a call whose connection was lost, and a retried compare-and-set can report that it
/// lost against itself.
@NullMarked
package io.caskade.server.zookeeper;

import org.jspecify.annotations.NullMarked;
