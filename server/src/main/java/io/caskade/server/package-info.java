@NullMarked
package io.caskade.server;

import org.jspecify.annotations.NullMarked;
