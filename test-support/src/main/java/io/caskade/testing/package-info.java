/// What the tests of several modules share. Only tests depend on it, and it knows nothing of clients or
/// servers.
@NullMarked
package io.caskade.testing;

import org.jspecify.annotations.NullMarked;
