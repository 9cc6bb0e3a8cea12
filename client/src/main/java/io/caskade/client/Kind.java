package io.caskade.client;

import io.caskade.api.v1.Call;
import io.caskade.api.v1.CompareAndSetRequest;
import io.caskade.api.v1.CompareAndSetResponse;
import io.caskade.api.v1.DeleteRequest;
import io.caskade.api.v1.ExpireRequest;
import io.caskade.api.v1.GetRequest;
import io.caskade.api.v1.GetResponse;
import io.caskade.api.v1.IncrementRequest;
import io.caskade.api.v1.IncrementResponse;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.api.v1.PersistRequest;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.Reply;
import io.caskade.api.v1.ScanRequest;
import io.caskade.api.v1.ScanResponse;
import io.caskade.api.v1.TtlRequest;
import io.caskade.api.v1.TtlResponse;
import io.caskade.api.v1.WriteResponse;
import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// A kind of call of the contract. Immutable.
///
/// @param method   the contract's method
/// @param envelope how it travels in a pipeline; empty when it always goes by itself
/// @param <Q> the request
/// @param <A> the node's answer
record Kind<Q, A>(MethodDescriptor<Q, A> method, Optional<Envelope<Q, A>> envelope) {

    static final Kind<GetRequest, GetResponse> GET =
            of(KeyValueGrpc.getGetMethod(), Call.Builder::setGet, Reply::getGet);
    static final Kind<TtlRequest, TtlResponse> TTL =
            of(KeyValueGrpc.getTtlMethod(), Call.Builder::setTtl, Reply::getTtl);
    static final Kind<PutRequest, WriteResponse> PUT =
            of(KeyValueGrpc.getPutMethod(), Call.Builder::setPut, Reply::getWrite);
    static final Kind<DeleteRequest, WriteResponse> DELETE =
            of(KeyValueGrpc.getDeleteMethod(), Call.Builder::setDelete, Reply::getWrite);
    static final Kind<ExpireRequest, WriteResponse> EXPIRE =
            of(KeyValueGrpc.getExpireMethod(), Call.Builder::setExpire, Reply::getWrite);
    static final Kind<PersistRequest, WriteResponse> PERSIST =
            of(KeyValueGrpc.getPersistMethod(), Call.Builder::setPersist, Reply::getWrite);
    static final Kind<IncrementRequest, IncrementResponse> INCREMENT =
            of(KeyValueGrpc.getIncrementMethod(), Call.Builder::setIncrement, Reply::getIncrement);
    static final Kind<CompareAndSetRequest, CompareAndSetResponse> COMPARE_AND_SET =
            of(KeyValueGrpc.getCompareAndSetMethod(), Call.Builder::setCompareAndSet, Reply::getCompareAndSet);
    static final Kind<ScanRequest, ScanResponse> SCAN = new Kind<>(KeyValueGrpc.getScanMethod(), Optional.empty());

    /// How a request and its answer travel in a pipeline.
    ///
    /// @param enclose puts a request into a call
    /// @param open    takes the answer out of a reply that is no refusal
    record Envelope<Q, A>(BiConsumer<Call.Builder, Q> enclose, Function<Reply, A> open) {}

    private static <Q, A> Kind<Q, A> of(
            MethodDescriptor<Q, A> method, BiConsumer<Call.Builder, Q> enclose, Function<Reply, A> open) {
        return new Kind<>(method, Optional.of(new Envelope<>(enclose, open)));
    }
}
