/// Proxies requests: any node takes any request, and forwards it once to the node that must answer it.
///
/// [ForwardingPlan][io.caskade.server.proxy.ForwardingPlan] decides, purely, which node is asked and what
/// follows from how that ended; [CommandProxy][io.caskade.server.proxy.CommandProxy] carries it out on a
/// partition's event loop, and [PeerCommands][io.caskade.server.proxy.PeerCommands] is the network, so that the
/// simulator runs both.
@NullMarked
package io.caskade.server.proxy;

import org.jspecify.annotations.NullMarked;
