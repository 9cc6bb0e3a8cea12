/// Programs that a benchmark starts beside itself, and ends: nodes of Caskade and the peers that are installed.
///
/// A [ServerGroup] has what servers of one kind share. Its [ScratchArea] has a directory and the processes that
/// work in it; closing it ends them, by their handles, and removes the directory.
@NullMarked
package io.caskade.bench.process;

import org.jspecify.annotations.NullMarked;
