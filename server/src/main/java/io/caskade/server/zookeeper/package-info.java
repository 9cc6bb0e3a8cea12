/// ZooKeeper: the [Coordinator][io.caskade.server.cluster.Coordinator] on Curator, and the server that a node
/// runs inside itself when it stands alone. The only package that knows either library.
///
/// **Threads.** All state belongs to one thread, the coordinator's thread, which also makes every call to
/// observers. Curator's and ZooKeeper's own threads only hand events over to it: nothing blocks them, and
/// callers' threads only enqueue.
///
/// **Curator where it helps, ZooKeeper where it must.** Curator keeps the connection, the cache of the image
/// and the election latch. Everything whose outcome matters goes to ZooKeeper's own asynchronous calls, once:
/// Curator repeats a call whose connection was lost, and a compare-and-set that is repeated can report that it
/// lost against itself.
@NullMarked
package io.caskade.server.zookeeper;

import org.jspecify.annotations.NullMarked;
