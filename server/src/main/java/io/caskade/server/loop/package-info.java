/// The event loops of a node, for connections and partitions alike.
@NullMarked
package io.caskade.server.loop;

import org.jspecify.annotations.NullMarked;
