/// The keydir together with statistics of how much of each segment is still live, and the records in flight.
///
/// Writer only, except lookups. While a store opens, several threads fill the keydir.
@NullMarked
package io.caskade.bitcask.store.index;

import org.jspecify.annotations.NullMarked;
