package io.caskade.client;

import com.google.protobuf.ByteString;
import io.caskade.api.v1.BatchCheck;
import io.caskade.api.v1.BatchCommand;
import io.caskade.api.v1.DeleteRequest;
import io.caskade.api.v1.ExpireRequest;
import io.caskade.api.v1.IncrementRequest;
import io.caskade.api.v1.PersistRequest;
import io.caskade.api.v1.PutRequest;
import io.caskade.api.v1.WriteBatchRequest;

/// Writes of keys of one partition that take effect together, if all checks hold; otherwise nothing is written.
/// Immutable.
///
/// Keys with the same `{hash tag}` are in the same partition; a batch with keys of several is refused. The
/// writes are done in order, and each sees what those before it have written. One that fails, or whose own
/// condition does not hold, changes nothing for the others.
public final class WriteBatch {

    private final byte[] anyKey;
    private final WriteBatchRequest request;

    private WriteBatch(byte[] anyKey, WriteBatchRequest request) {
        this.anyKey = anyKey;
        this.request = request;
    }

    /// An empty batch, to be filled.
    public static Builder builder() {
        return new Builder();
    }

    byte[] anyKey() {
        return anyKey;
    }

    WriteBatchRequest request() {
        return request;
    }

    /// Collects checks and writes. Not thread-safe.
    public static final class Builder {

        private final WriteBatchRequest.Builder request = WriteBatchRequest.newBuilder();
        private byte[] anyKey = {};

        private Builder() {}

        /// Adds what must be true of a key before the first write.
        public Builder check(byte[] key, Condition condition) {
            request.addChecks(BatchCheck.newBuilder().setKey(copy(key)).setCondition(ProtoMapper.condition(condition)));
            return this;
        }

        /// Adds a write of a value that never expires.
        public Builder put(byte[] key, byte[] value) {
            return put(key, value, PutOptions.DEFAULT);
        }

        /// Adds a write of a value.
        public Builder put(byte[] key, byte[] value, PutOptions options) {
            PutRequest put = PutRequest.newBuilder()
                    .setKey(copy(key))
                    .setValue(ByteString.copyFrom(value))
                    .setExpiry(ProtoMapper.expiry(options.expiry()))
                    .setCondition(ProtoMapper.condition(options.condition()))
                    .build();
            return add(BatchCommand.newBuilder().setPut(put));
        }

        /// Adds the removal of a record.
        public Builder delete(byte[] key) {
            return delete(key, Condition.none());
        }

        /// Adds the removal of a record if the condition holds.
        public Builder delete(byte[] key, Condition condition) {
            DeleteRequest delete = DeleteRequest.newBuilder()
                    .setKey(copy(key))
                    .setCondition(ProtoMapper.condition(condition))
                    .build();
            return add(BatchCommand.newBuilder().setDelete(delete));
        }

        /// Adds a new expiry for an existing record.
        public Builder expire(byte[] key, Expiry expiry) {
            ExpireRequest expire = ExpireRequest.newBuilder()
                    .setKey(copy(key))
                    .setExpiry(ProtoMapper.expiry(expiry))
                    .build();
            return add(BatchCommand.newBuilder().setExpire(expire));
        }

        /// Adds the removal of a record's expiry.
        public Builder persist(byte[] key) {
            return add(BatchCommand.newBuilder()
                    .setPersist(PersistRequest.newBuilder().setKey(copy(key))));
        }

        /// Adds an addition to the decimal number in a record; a missing record counts as 0.
        public Builder increment(byte[] key, long delta) {
            IncrementRequest increment = IncrementRequest.newBuilder()
                    .setKey(copy(key))
                    .setDelta(delta)
                    .build();
            return add(BatchCommand.newBuilder().setIncrement(increment));
        }

        /// Adds a write of a value that never expires if the record is what the caller expects.
        public Builder compareAndSet(byte[] key, Expectation expected, byte[] value) {
            return compareAndSet(key, expected, value, Expiry.never());
        }

        /// Adds a write of a value if the record is what the caller expects.
        public Builder compareAndSet(byte[] key, Expectation expected, byte[] value, Expiry expiry) {
            anyKey = key.clone();
            return add(BatchCommand.newBuilder()
                    .setCompareAndSet(ProtoMapper.compareAndSet(key, expected, value, expiry)));
        }

        private Builder add(BatchCommand.Builder command) {
            request.addCommands(command);
            return this;
        }

        private ByteString copy(byte[] key) {
            anyKey = key.clone();
            return ByteString.copyFrom(key);
        }

        /// The batch.
        ///
        /// @throws IllegalStateException when it has neither a check nor a write
        public WriteBatch build() {
            if (request.getChecksCount() + request.getCommandsCount() == 0) {
                throw new IllegalStateException("a batch has at least one check or write");
            }
            return new WriteBatch(anyKey, request.build());
        }
    }
}
