/// One file of the log, plain or merged: its name, header, records and memory map.
///
/// One thread, the log's writer, changes a segment; any thread may read records below its end. Starts no
/// threads.
@NullMarked
package io.caskade.bitcask.segment;

import org.jspecify.annotations.NullMarked;
