/// What the operating system gives the shell: its arguments as bytes and its standard streams, with the ways in
/// which these can fail.
@NullMarked
package io.caskade.cli.process;

import org.jspecify.annotations.NullMarked;
