/// The composition root: [Main][io.caskade.server.Main] reads the configuration, and
/// [Node][io.caskade.server.Node] starts all components and stops them. It depends on every package; no package
/// depends on it.
@NullMarked
package io.caskade.server;

import org.jspecify.annotations.NullMarked;
