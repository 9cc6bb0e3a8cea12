@NullMarked
package io.caskade.cli;

import org.jspecify.annotations.NullMarked;
