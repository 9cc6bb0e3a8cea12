/// The HTTP listener: HTTP/1.1 and HTTP/2 without TLS. Translates requests into commands and their answers
/// back; decides nothing.
///
/// Each connection belongs to one event loop, and its requests are answered there, one after the other; what
/// may wait for the disk or for room runs on a virtual thread. Request targets are taken as they were sent,
/// because keys may be any bytes (decision 16).
@NullMarked
package io.caskade.server.listener.http;

import org.jspecify.annotations.NullMarked;
