/// The append-only log of one copy: records in batches, batches in segments, segments in a directory, and the
/// recovery that finds out after a crash what of it counts. The formats are described in `docs/formats.md`.
///
/// One thread writes (append, truncate, close); any thread may read records at known locations; syncs run on
/// a thread of the caller's choice. Starts threads only to read hints, which end before the log is open.
@NullMarked
package io.caskade.bitcask.log;

import org.jspecify.annotations.NullMarked;
