/// The controller, the one node elected to place partitions. Pure functions of the
/// [ClusterImage][io.caskade.server.cluster.ClusterImage] plan its actions; the loop that executes them keeps
/// no essential state, so that it can be killed at any step and the next controller finishes.
///
/// Everything runs on the coordinator's thread: no threads, clocks, files or ZooKeeper here.
@NullMarked
package io.caskade.server.controller;

import org.jspecify.annotations.NullMarked;
