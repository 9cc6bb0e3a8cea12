/// Tests with real processes: a node in a JVM of its own, killed, stopped and started again, and clients that
/// keep count.
@NullMarked
package io.caskade.systemtests;

import org.jspecify.annotations.NullMarked;
