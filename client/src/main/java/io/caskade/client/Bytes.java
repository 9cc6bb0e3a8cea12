package io.caskade.client;

import com.google.protobuf.ByteString;
import java.util.Optional;

/// An immutable byte string, such as a key or a value.
public final class Bytes {

    /// The empty byte string.
    public static final Bytes EMPTY = new Bytes(ByteString.EMPTY);

    private final ByteString bytes;

    private Bytes(ByteString bytes) {
        this.bytes = bytes;
    }

    /// A copy of the array.
    public static Bytes of(byte... bytes) {
        return new Bytes(ByteString.copyFrom(bytes));
    }

    /// The text in UTF-8.
    public static Bytes utf8(String text) {
        return new Bytes(ByteString.copyFromUtf8(text));
    }

    static Bytes of(ByteString bytes) {
        return new Bytes(bytes);
    }

    ByteString toByteString() {
        return bytes;
    }

    /// How many bytes there are.
    public int size() {
        return bytes.size();
    }

    /// A new array with the bytes.
    public byte[] toArray() {
        return bytes.toByteArray();
    }

    /// The text, when the bytes are valid UTF-8.
    public Optional<String> utf8() {
        return bytes.isValidUtf8() ? Optional.of(bytes.toStringUtf8()) : Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && bytes.equals(that.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.hashCode();
    }

    /// The text in quotes when the bytes are valid UTF-8, otherwise how many there are.
    @Override
    public String toString() {
        return utf8().map(text -> '"' + text + '"').orElseGet(() -> size() + " bytes");
    }
}
