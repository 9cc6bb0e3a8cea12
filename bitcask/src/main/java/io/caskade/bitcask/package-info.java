/// The storage engine as a library: one directory, one process, keys and values that survive a crash.
///
/// [Bitcask] is all an application needs. A node of a cluster uses the parts below it:
/// [io.caskade.bitcask.disk] (files and their faults), [io.caskade.bitcask.log] (segments, recovery),
/// [io.caskade.bitcask.keydir] (where each key's newest record is) and [io.caskade.bitcask.store] (log and
/// keydir joined at the high watermark). Nothing here knows of networks or clusters.
///
/// Writers: one thread at a time per directory. Readers: any number, without locks.
@NullMarked
package io.caskade.bitcask;

import org.jspecify.annotations.NullMarked;
