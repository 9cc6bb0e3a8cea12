/// What the clients' protocols share: the bound on the bytes of the values they read and send.
///
/// Knows no protocol and no network; the packages below translate one protocol each.
@NullMarked
package io.caskade.server.listener;

import org.jspecify.annotations.NullMarked;
