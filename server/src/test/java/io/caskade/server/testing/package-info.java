/// What tests of several packages share.
@NullMarked
package io.caskade.server.testing;

import org.jspecify.annotations.NullMarked;
