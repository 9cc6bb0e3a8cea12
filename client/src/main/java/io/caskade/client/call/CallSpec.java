package io.caskade.client.call;

import com.google.protobuf.MessageLite;
import io.caskade.client.routing.ClusterMetadataCache;
import io.caskade.client.routing.Route;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;

/// Describes an operation: what to send, where, how often, and what to make of the response. Immutable.
///
/// @param name its human-readable name
/// @param type     the type of call
/// @param request  what is sent, the same at each attempt
/// @param route    finds the leader to ask; called for each attempt
/// @param retries  when it may be repeated
/// @param definite whether a response still tells the outcome after an earlier attempt of unknown outcome
/// @param result   turns the response into the caller's result
/// @param <Q> the request
/// @param <A> the node's response
/// @param <R> the caller's result
public record CallSpec<Q extends MessageLite, A, R>(
        String name,
        CallType<Q, A> type,
        Q request,
        Function<ClusterMetadataCache, CompletableFuture<Route>> route,
        RetryPolicy retries,
        Predicate<A> definite,
        Function<A, R> result) {}
