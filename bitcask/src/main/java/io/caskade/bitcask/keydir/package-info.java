/// The keydir: an off-heap hash map from a 128-bit hash of a key to the location of its newest committed
/// record.
///
/// One thread writes; any number read without locks. Starts no threads.
@NullMarked
package io.caskade.bitcask.keydir;

import org.jspecify.annotations.NullMarked;
