/// The records that benchmarks write and read. Pure.
@NullMarked
package io.caskade.bench.data;

import org.jspecify.annotations.NullMarked;
