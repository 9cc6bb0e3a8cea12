/// The controller, the one node elected to place partitions. What to do is decided by pure functions of the
/// [ClusterImage][io.caskade.server.cluster.ClusterImage]; the loop that carries it out keeps no state that
/// matters, so that it can be killed at any step and the next controller finishes.
///
/// The loop lives on the coordinator's thread and is called by it alone: no threads, clocks, files or ZooKeeper
/// here.
@NullMarked
package io.caskade.server.controller;

import org.jspecify.annotations.NullMarked;
