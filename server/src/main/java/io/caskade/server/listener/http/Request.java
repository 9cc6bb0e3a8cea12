package io.caskade.server.listener.http;

import io.netty.handler.codec.http.HttpHeaders;

/// A request without its body.
///
/// @param method its name; names are case-sensitive
record Request(String method, RequestTarget target, HttpHeaders headers) {

    static final String GET = "GET";
    static final String HEAD = "HEAD";
}
