/// The commands of the Redis protocol: one table of them, and what each does with the store's own commands.
///
/// Knows no network: a reply is written by the connection that the command came from.
@NullMarked
package io.caskade.server.listener.redis.command;

import org.jspecify.annotations.NullMarked;
