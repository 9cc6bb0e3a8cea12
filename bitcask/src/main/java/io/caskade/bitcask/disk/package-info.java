/// Files and directories as the engine needs them, so that tests can replace the real disk by one that lies,
/// fills up or loses power.
///
/// A [io.caskade.bitcask.disk.Disk] is safe for use by any thread; a file has one writing thread and any number
/// of readers. Starts no threads.
@NullMarked
package io.caskade.bitcask.disk;

import org.jspecify.annotations.NullMarked;
