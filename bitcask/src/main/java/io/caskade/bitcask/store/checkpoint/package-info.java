/// Checkpoints: the keydir and related state, written at a clean close so that opening need not read the log.
///
/// Written and read on the thread that closes or opens the store; entries are read on all processors.
@NullMarked
package io.caskade.bitcask.store.checkpoint;

import org.jspecify.annotations.NullMarked;
