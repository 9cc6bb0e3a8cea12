/// A node's configuration: what `conf/*/server.yaml` says, as immutable records whose values have been checked.
///
/// Each setting is declared once, on its record component; [io.caskade.settings] derives the rest. Records
/// only: no threads, no state, safe from anywhere. Nothing here opens, binds or creates anything.
@NullMarked
package io.caskade.server.config;

import org.jspecify.annotations.NullMarked;
