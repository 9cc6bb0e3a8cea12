/// What the node measures, in Prometheus' format: requests, the copies of partitions, and the JVM.
///
/// Listeners count their requests here; the rest is read from the node's status when it is asked for.
@NullMarked
package io.caskade.server.metrics;

import org.jspecify.annotations.NullMarked;
