/// Carries the messages of the [replica][io.caskade.server.replica] package between nodes. It guarantees no
/// more than the protocol needs: any message may be late, lost, duplicated or reordered.
@NullMarked
package io.caskade.server.transport;

import org.jspecify.annotations.NullMarked;
