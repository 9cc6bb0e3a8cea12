/// The start and shutdown of a node's process: its data directory, its threads, signals, readiness and the
/// order of shutdown. Each class says which threads may call it.
@NullMarked
package io.caskade.server.lifecycle;

import org.jspecify.annotations.NullMarked;
