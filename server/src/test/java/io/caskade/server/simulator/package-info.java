/// A whole cluster in one thread from one seed: the real state machines, and everything around them simulated.
@NullMarked
package io.caskade.server.simulator;

import org.jspecify.annotations.NullMarked;
