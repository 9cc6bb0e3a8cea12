/// The contracts between clients, nodes and ZooKeeper: the generated messages and services in
/// [io.caskade.api.v1], and the few rules both sides must compute alike. Holds no state and starts no threads.
@NullMarked
package io.caskade.api;

import org.jspecify.annotations.NullMarked;
