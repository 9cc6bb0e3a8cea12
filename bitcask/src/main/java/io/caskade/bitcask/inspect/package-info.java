/// Looking at a copy's directory while nobody has it open: verifying it, showing its records, and keeping what can
/// be kept of a damaged one. Takes the directory's lock, as opening does. Starts no threads.
@NullMarked
package io.caskade.bitcask.inspect;

import org.jspecify.annotations.NullMarked;
