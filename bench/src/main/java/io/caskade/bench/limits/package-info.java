/// What the machine itself takes for the steps of a write: the bound that no server gets below.
@NullMarked
package io.caskade.bench.limits;

import org.jspecify.annotations.NullMarked;
