package io.caskade.api;

import io.grpc.Metadata;
import java.util.OptionalLong;

/// The gRPC metadata of calls between a client, the node that it asks, and the node that answers.
///
/// A node passes on what it cannot answer itself, unless the call forbids it. Clients that find leaders by
/// themselves forbid it, and so does a node that passes a call on: no call goes on for a second time.
public final class Proxying {

    private static final Metadata.Key<String> MODE = Metadata.Key.of("kv-proxying", Metadata.ASCII_STRING_MARSHALLER);
    private static final String NEVER = "never";

    private static final Metadata.Key<String> ANSWER_BYTES =
            Metadata.Key.of("kv-answer-bytes", Metadata.ASCII_STRING_MARSHALLER);

    private Proxying() {}

    /// Metadata for calls that the node which gets them answers itself, or refuses.
    public static Metadata forbidden() {
        Metadata metadata = new Metadata();
        metadata.put(MODE, NEVER);
        return metadata;
    }

    /// Whether a call must not be passed on.
    public static boolean isForbidden(Metadata call) {
        return NEVER.equals(call.get(MODE));
    }

    /// Announces the length of an answer, before it is sent.
    public static void announceBytes(Metadata answer, long bytes) {
        answer.put(ANSWER_BYTES, Long.toString(bytes));
    }

    /// The announced length of an answer; empty when there is none.
    public static OptionalLong announcedBytes(Metadata answer) {
        String text = answer.get(ANSWER_BYTES);
        try {
            return text == null ? OptionalLong.empty() : OptionalLong.of(Long.parseUnsignedLong(text));
        } catch (NumberFormatException _) {
            return OptionalLong.empty();
        }
    }
}
