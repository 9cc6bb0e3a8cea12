/// Decides which bytes of a log are kept when it is opened: see the table at
/// [io.caskade.bitcask.recovery.Recovery].
///
/// Runs on the thread that opens the log, before any other thread uses it.
@NullMarked
package io.caskade.bitcask.recovery;

import org.jspecify.annotations.NullMarked;
