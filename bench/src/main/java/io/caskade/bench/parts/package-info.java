/// JMH benchmarks of the engine's parts: `docs/benchmarks.md` has the command. Nothing depends on them.
@NullMarked
package io.caskade.bench.parts;

import org.jspecify.annotations.NullMarked;
