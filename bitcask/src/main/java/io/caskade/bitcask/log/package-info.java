/// The append-only log of one copy: appending, syncing, reading, merging, scrubbing and snapshots of segments
/// in order. `docs/formats.md` describes the files.
///
/// One thread, the *writer*, appends, truncates and begins tasks; any thread may read records at known
/// locations. Syncs, reads, merges, scrubs and snapshots run on a thread of the caller's choice. Starts no
/// threads of its own.
@NullMarked
package io.caskade.bitcask.log;

import org.jspecify.annotations.NullMarked;
