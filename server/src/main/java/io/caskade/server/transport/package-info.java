/// How the copies of a partition reach each other: messages of the [replica][io.caskade.server.replica] package
/// over the network. It decides nothing and promises nothing that the protocol does not do without: any message
/// may be late, lost, doubled or overtaken.
@NullMarked
package io.caskade.server.transport;

import org.jspecify.annotations.NullMarked;
