/// The shell: runs one command from the command line, a script from standard input, or an interactive
/// session.
///
/// `command` reads commands, [io.caskade.cli.CommandRunner] runs them through the client library, and
/// `output` prints the results. Everything runs on one thread.
@NullMarked
package io.caskade.cli;

import org.jspecify.annotations.NullMarked;
