/// The files of a copy's directory other than its log: identity, bounds, secret, unfinished repairs; and
/// snapshots.
///
/// One thread at a time per directory. Starts no threads.
@NullMarked
package io.caskade.bitcask.store.copy;

import org.jspecify.annotations.NullMarked;
