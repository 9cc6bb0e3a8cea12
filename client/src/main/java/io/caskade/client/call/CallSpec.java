package io.caskade.client.call;

import com.google.protobuf.MessageLite;
import java.util.function.Function;
import java.util.function.Predicate;

/// Describes an operation: what to send, where, how often, and what to make of the response. Made for one call.
///
/// @param name its human-readable name
/// @param type     the type of call
/// @param attempts where each attempt goes, and what it sends
/// @param retries  when it may be repeated
/// @param definite whether a response still tells the outcome after an earlier attempt of unknown outcome
/// @param result   turns the response into the caller's result
/// @param <Q> the request
/// @param <A> the node's response
/// @param <R> the caller's result
public record CallSpec<Q extends MessageLite, A, R>(
        String name,
        CallType<Q, A> type,
        Attempts<Q> attempts,
        RetryPolicy retries,
        Predicate<A> definite,
        Function<A, R> result) {}
