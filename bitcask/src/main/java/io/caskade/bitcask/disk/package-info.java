/// Files and directories as the engine needs them, so that tests can put a disk that lies, fills up or loses
/// power in the place of the real one. Starts no threads.
@NullMarked
package io.caskade.bitcask.disk;

import org.jspecify.annotations.NullMarked;
