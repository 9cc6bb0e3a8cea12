/// The commands `caskade data …`, for the files of a stopped node. They need no cluster, and read files only
/// through the engine.
@NullMarked
package io.caskade.cli.data;

import org.jspecify.annotations.NullMarked;
