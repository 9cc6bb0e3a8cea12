/// Hint files: what the keydir needs of one sealed segment, so that opening need not read the segment.
///
/// A hint is immutable once read. Starts threads only to read hints ahead, which end with the loader.
@NullMarked
package io.caskade.bitcask.hint;

import org.jspecify.annotations.NullMarked;
