package io.caskade.bench.load;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// How requests and replies look on a connection. Immutable.
public interface WireProtocol {

    /// A reply.
    ///
    /// @param failure why the request had no success; null when it had
    /// @param text what else it says; empty when that is of no interest
    record Reply(@Nullable String failure, String text) {

        static final Reply OK = new Reply(null, "");

        static Reply failed(String failure) {
            return new Reply(failure, "");
        }
    }

    /// Finds the replies in what was received. For one thread.
    @FunctionalInterface
    interface ReplyReader {
        /// The next reply; null when not all of it is there, and then nothing was consumed.
        @Nullable
        Reply next(ByteBuffer received);
    }

    /// Appends a read.
    void get(OutputBuffer out, byte[] key);

    /// Appends a write.
    void put(OutputBuffer out, byte[] key, byte[] value);

    /// Appends a request that confirms all writes before it; its reply is what they wait for.
    ///
    /// @return whether there is one
    default boolean confirm(OutputBuffer out) {
        return false;
    }

    /// Why the reply to [#confirm] confirms nothing; null when it does.
    default @Nullable String refusal(Reply confirmation) {
        return confirmation.failure();
    }

    /// For a new connection.
    ReplyReader newReader();
}
