/// One partition's copy as a pure state machine: [Replica] is told what happened and when, and answers with
/// what is to be done. It sees no files, sockets, threads, clocks or ZooKeeper; a shell feeds it from the
/// partition's event loop and carries its [Effects] out. Not safe for use by several threads; everything it
/// takes and gives is immutable.
@NullMarked
package io.caskade.server.replica;

import org.jspecify.annotations.NullMarked;
