/// Internal: sends calls to nodes, alone or pipelined, and retries what is safe to retry.
///
/// Not part of the client's API. What is public here is so only for [io.caskade.client]; it may change in any
/// release. This package uses `io.caskade.client.routing` and knows nothing of the API: failures leave it as
/// [CallFailure]s, which the API turns into exceptions.
@NullMarked
package io.caskade.client.call;

import org.jspecify.annotations.NullMarked;
