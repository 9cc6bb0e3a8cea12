/// Puts clients' commands to other nodes, by the API that clients use.
@NullMarked
package io.caskade.server.transport.commands;

import org.jspecify.annotations.NullMarked;
