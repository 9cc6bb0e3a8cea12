/// Measures how the controller's work grows with nodes and partitions.
@NullMarked
package io.caskade.bench.scale;

import org.jspecify.annotations.NullMarked;
