/// Runs a store inside one process: the writes of many threads become those of one writer, and background
/// threads sync, merge and scrub.
///
/// Thread-safe. Each background thread ends when it is stopped, and is never interrupted.
@NullMarked
package io.caskade.bitcask.embedded;

import org.jspecify.annotations.NullMarked;
