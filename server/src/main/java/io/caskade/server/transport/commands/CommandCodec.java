package io.caskade.server.transport.commands;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.caskade.api.v1.BatchCheck;
import io.caskade.api.v1.BatchCommand;
import io.caskade.api.v1.BatchResult;
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
import io.caskade.api.v1.Positions;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.ReadMode;
import io.caskade.api.v1.Refusal;
import io.caskade.api.v1.ScanResponse;
import io.caskade.api.v1.WriteBatchRequest;
import io.caskade.api.v1.WriteBatchResponse;
import io.caskade.api.v1.WriteResponse;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expectation;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Page;
import io.caskade.server.command.CommandHandler.Position;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.command.WriteBatch;
import org.jspecify.annotations.Nullable;

/// Encodes commands and decodes their answers. The arrays of commands are shared. Pure.
final class CommandCodec {

    private CommandCodec() {}

    static ByteString shared(byte[] bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    static PutRequest message(Command.Put put) {
        return PutRequest.newBuilder()
                .setKey(shared(put.key()))
                .setValue(shared(put.value()))
                .setExpiry(message(put.expiry()))
                .setCondition(message(put.condition()))
                .build();
    }

    static DeleteRequest message(Command.Delete delete) {
        return DeleteRequest.newBuilder()
                .setKey(shared(delete.key()))
                .setCondition(message(delete.condition()))
                .build();
    }

    static ExpireRequest message(Command.Expire expire) {
        return ExpireRequest.newBuilder()
                .setKey(shared(expire.key()))
                .setExpiry(message(expire.expiry()))
                .build();
    }

    static PersistRequest message(Command.Persist persist) {
        return PersistRequest.newBuilder().setKey(shared(persist.key())).build();
    }

    static IncrementRequest message(Command.Increment increment) {
        return IncrementRequest.newBuilder()
                .setKey(shared(increment.key()))
                .setDelta(increment.delta())
                .build();
    }

    static CompareAndSetRequest message(Command.CompareAndSet swap) {
        CompareAndSetRequest.Builder request = CompareAndSetRequest.newBuilder()
                .setKey(shared(swap.key()))
                .setNewValue(shared(swap.value()))
                .setExpiry(message(swap.expiry()));
        switch (swap.expected()) {
            case Expectation.Absent _ -> request.setAbsent(true);
            case Expectation.Version(long version) -> request.setVersion(version);
            case Expectation.Value(byte[] value) -> request.setValue(shared(value));
        }
        return request.build();
    }

    static WriteBatchRequest message(WriteBatch batch) {
        WriteBatchRequest.Builder request = WriteBatchRequest.newBuilder();
        for (WriteBatch.Check check : batch.checks()) {
            request.addChecks(
                    BatchCheck.newBuilder().setKey(shared(check.key())).setCondition(message(check.condition())));
        }
        batch.commands().forEach(command -> request.addCommands(batched(command)));
        return request.build();
    }

    private static BatchCommand batched(Command command) {
        BatchCommand.Builder batched = BatchCommand.newBuilder();
        switch (command) {
            case Command.Put put -> batched.setPut(message(put));
            case Command.Delete delete -> batched.setDelete(message(delete));
            case Command.Expire expire -> batched.setExpire(message(expire));
            case Command.Persist persist -> batched.setPersist(message(persist));
            case Command.Increment increment -> batched.setIncrement(message(increment));
            case Command.CompareAndSet swap -> batched.setCompareAndSet(message(swap));
        }
        return batched.build();
    }

    private static io.caskade.api.v1.Expiry message(Expiry expiry) {
        io.caskade.api.v1.Expiry.Builder message = io.caskade.api.v1.Expiry.newBuilder();
        switch (expiry) {
            case Expiry.Never _ -> {}
            case Expiry.After(long millis) -> message.setTtlMs(millis);
            case Expiry.At(long time) -> message.setExpiresAtMs(time);
            case Expiry.Keep _ -> message.setKeep(true);
        }
        return message.build();
    }

    private static io.caskade.api.v1.Condition message(Condition condition) {
        io.caskade.api.v1.Condition.Builder message = io.caskade.api.v1.Condition.newBuilder();
        switch (condition) {
            case Condition.None _ -> {}
            case Condition.Absent _ -> message.setAbsent(true);
            case Condition.Present _ -> message.setPresent(true);
            case Condition.Version(long version) -> message.setVersion(version);
        }
        return message.build();
    }

    /// @param read null for a linearizable read
    /// @param partition the partition of the key
    /// @param timeoutMillis a replica that is behind must not wait longer
    static ReadMode mode(@Nullable ReplicaRead read, int partition, long timeoutMillis) {
        if (read == null) {
            return ReadMode.getDefaultInstance();
        }
        if (read.equals(ReplicaRead.EVENTUAL)) {
            return ReadMode.newBuilder().setEventual(true).build();
        }
        CausalRead.Builder causal = CausalRead.newBuilder()
                .setMaxWaitMs((int) Math.clamp(read.maxWaitMillis(), 1, Math.max(1, timeoutMillis * 3 / 4)));
        if (read.sequence() > 0) {
            causal.setContext(Positions.newBuilder()
                    .addPositions(io.caskade.api.v1.Position.newBuilder()
                            .setPartition(partition)
                            .setEpoch(read.epoch())
                            .setSequence(read.sequence())));
        }
        return ReadMode.newBuilder().setCausal(causal).build();
    }

    static @Nullable FoundRecord found(GetResponse response) {
        return response.hasEntry() ? found(response.getEntry()) : null;
    }

    private static FoundRecord found(Entry entry) {
        return new FoundRecord(
                entry.getKey().toByteArray(),
                entry.getValue().toByteArray(),
                entry.hasValueBytes() ? entry.getValueBytes() : entry.getValue().size(),
                entry.getVersion(),
                entry.getExpiresAtMs(),
                entry.hasTtlMs() ? entry.getTtlMs() : -1);
    }

    static Page page(ScanResponse response) {
        return new Page(
                response.getEntriesList().stream().map(CommandCodec::found).toList(), response.getNextCursor());
    }

    static Command.Result result(WriteResponse response) {
        return new Command.Result(response.getApplied(), response.getFound(), response.getVersion(), 0, null);
    }

    /// An increment is always applied.
    static Command.Result result(IncrementResponse response) {
        return new Command.Result(true, false, response.getVersion(), response.getValue(), null);
    }

    static Command.Result result(CompareAndSetResponse response) {
        Entry current = response.getCurrent();
        return new Command.Result(
                response.getApplied(),
                response.getApplied() || response.hasCurrent(),
                response.getVersion(),
                0,
                response.hasCurrent()
                        ? new StoredRecord(
                                current.getValue().toByteArray(), current.getVersion(), current.getExpiresAtMs())
                        : null);
    }

    static WriteBatch.Result result(WriteBatchResponse response) {
        return new WriteBatch.Result(
                response.hasFailedCheck() ? response.getFailedCheck() : -1,
                response.getResultsList().stream().map(CommandCodec::outcome).toList());
    }

    private static WriteBatch.Outcome outcome(BatchResult result) {
        return switch (result.getResultCase()) {
            case REFUSED -> outcome(result.getRefused());
            case WRITE -> new WriteBatch.Outcome.Done(result(result.getWrite()));
            case INCREMENT -> new WriteBatch.Outcome.Done(result(result.getIncrement()));
            case COMPARE_AND_SET -> new WriteBatch.Outcome.Done(result(result.getCompareAndSet()));
            case RESULT_NOT_SET ->
                throw new CommandRefusedException(
                        Reason.OUTCOME_UNKNOWN,
                        "the batch was applied, and the leader's answer names a result that this node does not know");
        };
    }

    /// Whatever the code, this command of the batch changed nothing.
    private static WriteBatch.Outcome outcome(Refusal refused) {
        Reason reason = reason(refused.getCode());
        return new WriteBatch.Outcome.Refused(reason == null ? Reason.WRONG_VALUE : reason, refused.getMessage());
    }

    static Position position(io.caskade.api.v1.Position position) {
        return new Position(position.getPartition(), position.getEpoch(), position.getSequence());
    }

    /// Why a call was refused; null when the failure was none of the contract's.
    static @Nullable Reason reason(ErrorCode code) {
        return switch (code) {
            case ERROR_CODE_INVALID_ARGUMENT -> Reason.INVALID_ARGUMENT;
            case ERROR_CODE_WRONG_VALUE -> Reason.WRONG_VALUE;
            case ERROR_CODE_OVERFLOW -> Reason.OVERFLOW;
            case ERROR_CODE_NOT_LEADER -> Reason.NOT_LEADER;
            case ERROR_CODE_NOT_SERVING -> Reason.NOT_SERVING;
            case ERROR_CODE_NOT_ENOUGH_REPLICAS -> Reason.NOT_ENOUGH_REPLICAS;
            case ERROR_CODE_BUSY -> Reason.BUSY;
            case ERROR_CODE_DISK_FULL -> Reason.DISK_FULL;
            case ERROR_CODE_KEYDIR_FULL -> Reason.KEYDIR_FULL;
            case ERROR_CODE_OUTCOME_UNKNOWN -> Reason.OUTCOME_UNKNOWN;
            case ERROR_CODE_COPY_FENCED -> Reason.COPY_FENCED;
            case ERROR_CODE_BEHIND_CONTEXT -> Reason.BEHIND_CONTEXT;
            case ERROR_CODE_CONTEXT_LOST -> Reason.CONTEXT_LOST;
            case ERROR_CODE_UNSPECIFIED, UNRECOGNIZED -> null;
        };
    }
}
