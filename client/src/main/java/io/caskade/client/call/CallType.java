package io.caskade.client.call;

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
import io.caskade.api.v1.WriteBatchRequest;
import io.caskade.api.v1.WriteBatchResponse;
import io.caskade.api.v1.WriteResponse;
import io.grpc.MethodDescriptor;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// A type of call in the contract. Immutable.
///
/// @param method        the contract's method
/// @param pipelineCodec how it travels in a pipeline; empty for a call that is always sent alone
/// @param <Q> the request
/// @param <A> the node's response
public record CallType<Q, A>(MethodDescriptor<Q, A> method, Optional<PipelineCodec<Q, A>> pipelineCodec) {

    /// Reads a record.
    public static final CallType<GetRequest, GetResponse> GET =
            of(KeyValueGrpc.getGetMethod(), Call.Builder::setGet, Reply::getGet);
    /// Reads how long a record will live.
    public static final CallType<TtlRequest, TtlResponse> TTL =
            of(KeyValueGrpc.getTtlMethod(), Call.Builder::setTtl, Reply::getTtl);
    /// Writes a value.
    public static final CallType<PutRequest, WriteResponse> PUT =
            of(KeyValueGrpc.getPutMethod(), Call.Builder::setPut, Reply::getWrite);
    /// Removes a record.
    public static final CallType<DeleteRequest, WriteResponse> DELETE =
            of(KeyValueGrpc.getDeleteMethod(), Call.Builder::setDelete, Reply::getWrite);
    /// Sets a record's expiry.
    public static final CallType<ExpireRequest, WriteResponse> EXPIRE =
            of(KeyValueGrpc.getExpireMethod(), Call.Builder::setExpire, Reply::getWrite);
    /// Removes a record's expiry.
    public static final CallType<PersistRequest, WriteResponse> PERSIST =
            of(KeyValueGrpc.getPersistMethod(), Call.Builder::setPersist, Reply::getWrite);
    /// Adds to a counter.
    public static final CallType<IncrementRequest, IncrementResponse> INCREMENT =
            of(KeyValueGrpc.getIncrementMethod(), Call.Builder::setIncrement, Reply::getIncrement);
    /// Writes a value that is still the expected one.
    public static final CallType<CompareAndSetRequest, CompareAndSetResponse> COMPARE_AND_SET =
            of(KeyValueGrpc.getCompareAndSetMethod(), Call.Builder::setCompareAndSet, Reply::getCompareAndSet);
    /// Writes several keys together.
    public static final CallType<WriteBatchRequest, WriteBatchResponse> WRITE_BATCH =
            of(KeyValueGrpc.getWriteBatchMethod(), Call.Builder::setWriteBatch, Reply::getWriteBatch);
    /// Lists records.
    public static final CallType<ScanRequest, ScanResponse> SCAN =
            new CallType<>(KeyValueGrpc.getScanMethod(), Optional.empty());

    /// How a request and its response travel in a pipeline.
    ///
    /// @param encode puts a request into a call
    /// @param decode takes the response out of a reply that is not a refusal
    /// @param <Q> the request
    /// @param <A> the response
    public record PipelineCodec<Q, A>(BiConsumer<Call.Builder, Q> encode, Function<Reply, A> decode) {}

    private static <Q, A> CallType<Q, A> of(
            MethodDescriptor<Q, A> method, BiConsumer<Call.Builder, Q> encode, Function<Reply, A> decode) {
        return new CallType<>(method, Optional.of(new PipelineCodec<>(encode, decode)));
    }
}
