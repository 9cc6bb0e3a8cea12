/// The file system behind an interface, so that tests can replace the real disk by one that fails, fills up or
/// loses power.
///
/// A [io.caskade.bitcask.disk.Disk] is thread-safe; a file has one writing thread and any number
/// of readers. Starts no threads.
@NullMarked
package io.caskade.bitcask.disk;

import org.jspecify.annotations.NullMarked;
