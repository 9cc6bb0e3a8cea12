/// Internal: which node leads which partition and where it listens, read from ZooKeeper and kept fresh by
/// watches.
///
/// Not part of the client's API. What is public here is so only for [io.caskade.client] and
/// `io.caskade.client.call`; it may change in any release. This package knows nothing of those two, and
/// throws none of the API's exceptions.
@NullMarked
package io.caskade.client.routing;

import org.jspecify.annotations.NullMarked;
