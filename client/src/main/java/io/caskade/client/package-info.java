@NullMarked
package io.caskade.client;

import org.jspecify.annotations.NullMarked;
