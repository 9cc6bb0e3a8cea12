/// Maintenance of sealed segments: merges, expiry scans and scrubs, and what decides when they run.
///
/// Tasks are begun by the store's writer and run on a background thread, which runs short steps on the writer.
/// Starts no threads.
@NullMarked
package io.caskade.bitcask.store.merge;

import org.jspecify.annotations.NullMarked;
