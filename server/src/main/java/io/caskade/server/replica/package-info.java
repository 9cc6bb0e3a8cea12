/// One partition's copy as a pure state machine: [Replica] takes events with the time, and returns [Effects].
/// It sees no files, sockets, threads, clocks or ZooKeeper; `ReplicaDriver` drives it on the partition's event
/// loop and applies the effects. Not thread-safe; everything it takes and returns is immutable.
@NullMarked
package io.caskade.server.replica;

import org.jspecify.annotations.NullMarked;
