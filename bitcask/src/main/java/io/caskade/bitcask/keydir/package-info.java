/// Where each key's newest committed record is: an off-heap hash map from a 128-bit hash of the key to a
/// location.
///
/// One thread writes; any number read without locks. Starts no threads.
@NullMarked
package io.caskade.bitcask.keydir;

import org.jspecify.annotations.NullMarked;
