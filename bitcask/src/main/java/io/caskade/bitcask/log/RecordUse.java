package io.caskade.bitcask.log;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What a reader makes of a record's bytes, which are only there for it while it does so.
///
/// @param <T> what it makes
@FunctionalInterface
public interface RecordUse<T> {

    /// Makes something of the whole record at `at`, whose lengths lie within the buffer and whose checksum was not
    /// looked at. The buffer may be shared by threads: only its absolute methods may be called.
    ///
    /// @param key what the caller looks for; null for whatever is there
    /// @return null when the record is not intact
    @Nullable
    T of(ByteBuffer bytes, int at, byte @Nullable [] key);
}
