/// What a copy's directory says about itself beside its log: identity, bounds, secret, unfinished repairs,
/// snapshots.
///
/// One thread at a time per directory. Starts no threads.
@NullMarked
package io.caskade.bitcask.store.copy;

import org.jspecify.annotations.NullMarked;
