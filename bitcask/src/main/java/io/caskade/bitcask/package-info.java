@NullMarked
package io.caskade.bitcask;

import org.jspecify.annotations.NullMarked;
