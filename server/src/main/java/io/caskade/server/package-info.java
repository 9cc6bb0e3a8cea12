/// A node: [Main][io.caskade.server.Main] reads the configuration, [Node][io.caskade.server.Node] puts the
/// parts together and takes them apart again. Nothing else knows everyone, and nothing below this package
/// knows it.
///
/// Also the thin shell around the pure parts: an [EventLoop][io.caskade.server.EventLoop] is the one thread
/// that changes the replicas it owns; a [ReplicaShell][io.caskade.server.ReplicaShell] feeds one replica and
/// carries its effects out; [PartitionCommands][io.caskade.server.PartitionCommands] brings clients' commands
/// to it.
@NullMarked
package io.caskade.server;

import org.jspecify.annotations.NullMarked;
