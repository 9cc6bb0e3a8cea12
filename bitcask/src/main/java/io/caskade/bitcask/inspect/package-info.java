/// Works on a copy's directory that no store has open: verify, dump, repair, restore, and the scans that
/// salvage what a damaged log still has.
///
/// Takes the directory's lock, as opening does. One thread uses it. Starts no threads. Nothing in the engine
/// depends on it.
@NullMarked
package io.caskade.bitcask.inspect;

import org.jspecify.annotations.NullMarked;
