package io.caskade.server.listener.http;

/// Told to each connection when the listener closes: it answers what is in flight and accepts no more.
enum GoAway {
    EVENT
}
