package io.caskade.server.listener.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.caskade.api.CausalContext;
import io.caskade.api.v1.CausalRead;
import io.caskade.api.v1.CompareAndSetRequest;
import io.caskade.api.v1.CompareAndSetResponse;
import io.caskade.api.v1.DeleteRequest;
import io.caskade.api.v1.Entry;
import io.caskade.api.v1.ErrorCode;
import io.caskade.api.v1.ExpireRequest;
import io.caskade.api.v1.GetResponse;
import io.caskade.api.v1.IncrementRequest;
import io.caskade.api.v1.IncrementResponse;
import io.caskade.api.v1.PersistRequest;
import io.caskade.api.v1.Position;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.ReadMode;
import io.caskade.api.v1.TtlResponse;
import io.caskade.api.v1.WriteResponse;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandHandler;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import org.jspecify.annotations.Nullable;

/// Decodes requests and encodes responses. Pure.
final class RequestCodec {

    private RequestCodec() {}

    static byte[] bytes(ByteString string) {
        return string.toByteArray();
    }

    static Command command(PutRequest put) {
        return new Command.Put(
                bytes(put.getKey()), bytes(put.getValue()), expiry(put.getExpiry()), condition(put.getCondition()));
    }

    static Command command(DeleteRequest delete) {
        return new Command.Delete(bytes(delete.getKey()), condition(delete.getCondition()));
    }

    static Command command(ExpireRequest expire) {
        return new Command.Expire(bytes(expire.getKey()), expiry(expire.getExpiry()));
    }

    static Command command(PersistRequest persist) {
        return new Command.Persist(bytes(persist.getKey()));
    }

    static Command command(IncrementRequest increment) {
        return new Command.Increment(bytes(increment.getKey()), increment.getDelta());
    }

    /// @throws CommandRefusedException when `expected` is missing
    static Command command(CompareAndSetRequest swap) {
        return new Command.CompareAndSet(
                bytes(swap.getKey()), expectation(swap), bytes(swap.getNewValue()), expiry(swap.getExpiry()));
    }

    static WriteResponse.Builder writeResponse(Command.Result result) {
        return WriteResponse.newBuilder()
                .setApplied(result.applied())
                .setFound(result.found())
                .setVersion(result.version());
    }

    static IncrementResponse.Builder incrementResponse(Command.Result result) {
        return IncrementResponse.newBuilder().setValue(result.number()).setVersion(result.version());
    }

    static CompareAndSetResponse.Builder compareAndSetResponse(ByteString key, Command.Result result) {
        CompareAndSetResponse.Builder response =
                CompareAndSetResponse.newBuilder().setApplied(result.applied()).setVersion(result.version());
        StoredRecord current = result.current();
        return current == null ? response : response.setCurrent(entry(key, current));
    }

    static Expiry expiry(io.caskade.api.v1.Expiry expiry) {
        return switch (expiry.getWhenCase()) {
            case TTL_MS -> new Expiry.After(expiry.getTtlMs());
            case EXPIRES_AT_MS -> new Expiry.At(expiry.getExpiresAtMs());
            case KEEP -> expiry.getKeep() ? new Expiry.Keep() : new Expiry.Never();
            case WHEN_NOT_SET -> new Expiry.Never();
        };
    }

    static Condition condition(io.caskade.api.v1.Condition condition) {
        return switch (condition.getKindCase()) {
            case ABSENT -> condition.getAbsent() ? new Condition.Absent() : new Condition.None();
            case PRESENT -> condition.getPresent() ? new Condition.Present() : new Condition.None();
            case VERSION -> new Condition.Version(condition.getVersion());
            case KIND_NOT_SET -> new Condition.None();
        };
    }

    private static Expectation expectation(CompareAndSetRequest request) {
        return switch (request.getExpectedCase()) {
            case ABSENT -> new Expectation.Absent();
            case VERSION -> new Expectation.Version(request.getVersion());
            case VALUE -> new Expectation.Value(bytes(request.getValue()));
            case EXPECTED_NOT_SET ->
                throw new CommandRefusedException(
                        Reason.INVALID_ARGUMENT, "a compare-and-set without `expected`: absent, version or value");
        };
    }

    /// What a read demands of the replica that answers it.
    ///
    /// @param maxWaitMillis how long the call lets a replica wait
    /// @return null for a linearizable read
    /// @throws CommandRefusedException when the causal context is malformed
    static @Nullable ReplicaRead replicaRead(ReadMode mode, int partition, long maxWaitMillis) {
        return switch (mode.getModeCase()) {
            case CAUSAL -> causalRead(mode.getCausal(), partition, maxWaitMillis);
            case EVENTUAL -> mode.getEventual() ? ReplicaRead.EVENTUAL : null;
            case MODE_NOT_SET -> null;
        };
    }

    private static ReplicaRead causalRead(CausalRead read, int partition, long maxWaitMillis) {
        long asked = Integer.toUnsignedLong(read.getMaxWaitMs());
        long wait = asked == 0 ? maxWaitMillis : Math.min(asked, maxWaitMillis);
        try {
            return ReplicaRead.causal(
                    CausalContext.of(read.getContext())
                            .position(partition)
                            .map(seen -> new CommandHandler.Position(partition, seen.getEpoch(), seen.getSequence()))
                            .orElse(null),
                    wait);
        } catch (IllegalArgumentException e) {
            throw new CommandRefusedException(Reason.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
        }
    }

    static Entry entry(FoundRecord found, boolean withoutValue) {
        Entry.Builder entry = Entry.newBuilder()
                .setKey(UnsafeByteOperations.unsafeWrap(found.key()))
                .setValue(withoutValue ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(found.value()))
                .setVersion(found.version())
                .setExpiresAtMs(found.expiresAt());
        if (withoutValue) {
            entry.setValueBytes(found.valueBytes());
        }
        if (found.ttlMillis() >= 0) {
            entry.setTtlMs(found.ttlMillis());
        }
        return entry.build();
    }

    static Entry entry(ByteString key, StoredRecord stored) {
        return Entry.newBuilder()
                .setKey(key)
                .setValue(UnsafeByteOperations.unsafeWrap(stored.value()))
                .setVersion(stored.version())
                .setExpiresAtMs(stored.expiresAt())
                .build();
    }

    static GetResponse getResponse(Answer<@Nullable FoundRecord> answer, boolean withoutValue) {
        GetResponse.Builder response =
                GetResponse.newBuilder().setPosition(position(answer)).setServedBy(servedBy(answer));
        FoundRecord found = answer.value();
        return found == null
                ? response.build()
                : response.setEntry(entry(found, withoutValue)).build();
    }

    static TtlResponse ttlResponse(Answer<@Nullable FoundRecord> answer) {
        TtlResponse.Builder response =
                TtlResponse.newBuilder().setPosition(position(answer)).setServedBy(servedBy(answer));
        FoundRecord found = answer.value();
        if (found == null) {
            return response.build();
        }
        if (found.ttlMillis() >= 0) {
            response.setTtlMs(found.ttlMillis());
        }
        return response.setFound(true).setVersion(found.version()).build();
    }

    /// Empty for this node.
    static String servedBy(Answer<?> answer) {
        String node = answer.servedBy();
        return node == null ? "" : node;
    }

    static Position position(Answer<?> answer) {
        return Position.newBuilder()
                .setPartition(answer.position().partition())
                .setEpoch(answer.position().epoch())
                .setSequence(answer.position().sequence())
                .build();
    }

    static ErrorCode code(Reason reason) {
        return switch (reason) {
            case INVALID_ARGUMENT -> ErrorCode.ERROR_CODE_INVALID_ARGUMENT;
            case WRONG_VALUE -> ErrorCode.ERROR_CODE_WRONG_VALUE;
            case OVERFLOW -> ErrorCode.ERROR_CODE_OVERFLOW;
            case NOT_LEADER -> ErrorCode.ERROR_CODE_NOT_LEADER;
            case NOT_ENOUGH_REPLICAS -> ErrorCode.ERROR_CODE_NOT_ENOUGH_REPLICAS;
            case NOT_SERVING -> ErrorCode.ERROR_CODE_NOT_SERVING;
            case BUSY -> ErrorCode.ERROR_CODE_BUSY;
            case DISK_FULL -> ErrorCode.ERROR_CODE_DISK_FULL;
            case KEYDIR_FULL -> ErrorCode.ERROR_CODE_KEYDIR_FULL;
            case OUTCOME_UNKNOWN -> ErrorCode.ERROR_CODE_OUTCOME_UNKNOWN;
            case COPY_FENCED -> ErrorCode.ERROR_CODE_COPY_FENCED;
            case BEHIND_CONTEXT -> ErrorCode.ERROR_CODE_BEHIND_CONTEXT;
            case CONTEXT_LOST -> ErrorCode.ERROR_CODE_CONTEXT_LOST;
        };
    }
}
