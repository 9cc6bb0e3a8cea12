package io.caskade.bitcask.record;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Decodes a record in place; its bytes are valid only during the call.
///
/// @param <T> what it decodes to
@FunctionalInterface
public interface RecordDecoder<T> {

    /// Decodes the whole record at `at`, whose lengths lie within the buffer and whose checksum was not
    /// checked. The buffer may be shared by threads: only its absolute methods may be called.
    ///
    /// @param key what the caller looks for; null for whatever is there
    /// @return null when the record is not intact
    @Nullable
    T of(ByteBuffer bytes, int at, byte @Nullable [] key);
}
