@NullMarked
package io.caskade.settings;

import org.jspecify.annotations.NullMarked;
