/// What every node knows of the cluster: the [ClusterImage][io.caskade.server.cluster.ClusterImage], the state
/// of each partition, and the [Coordinator][io.caskade.server.cluster.Coordinator] through which both are read
/// and changed.
///
/// Records check their invariants in their constructors, and are immutable. Nothing here knows ZooKeeper,
/// threads, clocks or files: the coordinator is an interface that also has an in-memory implementation.
@NullMarked
package io.caskade.server.cluster;

import org.jspecify.annotations.NullMarked;
