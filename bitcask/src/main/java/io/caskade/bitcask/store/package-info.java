/// One copy of a partition: its log and its keydir, joined at the high watermark, under an identity and a
/// lock.
///
/// One thread, the *writer*, appends, commits and truncates; any thread reads committed records, without
/// locks. Starts threads only to read hints while it opens.
@NullMarked
package io.caskade.bitcask.store;

import org.jspecify.annotations.NullMarked;
