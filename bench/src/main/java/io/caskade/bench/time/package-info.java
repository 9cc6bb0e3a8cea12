/// Waiting, for all benchmarks.
@NullMarked
package io.caskade.bench.time;

import org.jspecify.annotations.NullMarked;
