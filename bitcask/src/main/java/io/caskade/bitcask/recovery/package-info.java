/// Decides, when a log is opened, which of its bytes count: see the table at
/// [io.caskade.bitcask.recovery.Recovery].
///
/// Runs on the thread that opens the log, before any other thread uses it.
@NullMarked
package io.caskade.bitcask.recovery;

import org.jspecify.annotations.NullMarked;
