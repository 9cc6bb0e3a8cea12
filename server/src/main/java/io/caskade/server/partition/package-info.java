/// Hosts a node's copies of partitions. A [ReplicaManager][io.caskade.server.partition.ReplicaManager] opens
/// those that the cluster's state assigns to the node; a
/// [HostedPartition][io.caskade.server.partition.HostedPartition] is one of them. Its driver passes events to
/// the pure replica and applies the effects, and its command executor brings clients' requests to it.
///
/// Everything they depend on is a small interface ([Dependencies][io.caskade.server.partition.Dependencies]),
/// so that the simulator runs the same code on virtual time.
@NullMarked
package io.caskade.server.partition;

import org.jspecify.annotations.NullMarked;
