/// What every node knows of the cluster: the [ClusterImage][io.caskade.server.cluster.ClusterImage], the state
/// of each partition, and the [Coordinator][io.caskade.server.cluster.Coordinator] through which both are read
/// and changed.
///
/// Records check their invariants when they are made, so that a state which cannot be is never passed on. All
/// of them are immutable and safe for use by any thread. Nothing here knows ZooKeeper, threads, clocks or
/// files: the coordinator is an interface that can be kept in memory as well.
@NullMarked
package io.caskade.server.cluster;

import org.jspecify.annotations.NullMarked;
