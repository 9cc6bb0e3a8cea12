/// One copy of a partition: its log and its keydir, joined at the high watermark, under an identity and a lock.
///
/// One thread, the *writer*, appends, commits and truncates; any thread reads committed records without locks.
/// Starts threads only while it opens, to read hints and checkpoints.
@NullMarked
package io.caskade.bitcask.store;

import org.jspecify.annotations.NullMarked;
