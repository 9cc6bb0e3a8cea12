/// A node's configuration, `conf/*/server.yaml`, as immutable records with validated values.
///
/// Each setting is declared once, on its record component; [io.caskade.settings] derives the rest. Records
/// only: no threads, no state. Nothing here opens, binds or creates anything.
@NullMarked
package io.caskade.server.config;

import org.jspecify.annotations.NullMarked;
