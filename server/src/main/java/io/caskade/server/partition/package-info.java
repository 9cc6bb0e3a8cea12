/// What hosts the copies of partitions on a node: a
/// [ReplicaManager][io.caskade.server.partition.ReplicaManager] opens those that the cluster's state assigns to
/// the node; a [HostedPartition][io.caskade.server.partition.HostedPartition] is one of them. Its driver feeds
/// the pure replica with events and carries its effects out, and its commands bring clients' requests to it.
///
/// All that these work with is behind small interfaces
/// ([Dependencies][io.caskade.server.partition.Dependencies]), so that the simulator runs the very same code on
/// virtual time.
@NullMarked
package io.caskade.server.partition;

import org.jspecify.annotations.NullMarked;
