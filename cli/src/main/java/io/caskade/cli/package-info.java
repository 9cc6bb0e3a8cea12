/// The shell: one command from the command line, a script from standard input, or a conversation at a terminal.
///
/// A line becomes words ([Words]), words become a [Command], a command becomes an [Answer] ([Interpreter]), and an
/// [Output] prints it. All of it runs on one thread; what is known of clusters is known to the client library.
@NullMarked
package io.caskade.cli;

import org.jspecify.annotations.NullMarked;
