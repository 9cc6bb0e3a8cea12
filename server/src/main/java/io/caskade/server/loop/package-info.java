/// The threads that a node does its work on, connections' and partitions' alike.
@NullMarked
package io.caskade.server.loop;

import org.jspecify.annotations.NullMarked;
