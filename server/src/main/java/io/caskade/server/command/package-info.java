/// Key-value commands on a leader: their conditions are decided here, against committed records and those in
/// flight, and their results become records. [CommandHandler][io.caskade.server.command.CommandHandler] is what
/// listeners call. The decisions are pure functions: no files, sockets, threads or clocks.
@NullMarked
package io.caskade.server.command;

import org.jspecify.annotations.NullMarked;
