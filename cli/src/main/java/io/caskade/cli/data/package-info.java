/// The commands `caskade data …`: what an administrator does with the files of a node that is stopped. They
/// need no cluster, and read files through the engine alone.
@NullMarked
package io.caskade.cli.data;

import org.jspecify.annotations.NullMarked;
