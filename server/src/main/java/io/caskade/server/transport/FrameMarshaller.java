package io.caskade.server.transport;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.caskade.api.v1.ReplicationFrame;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/// Serializes frames with one copy on either side: from the log's buffer to the connection's, and from there to
/// an array that the batches stay in. gRPC's own marshaller copies twice on receipt.
///
/// Thread-safe.
final class FrameMarshaller implements MethodDescriptor.Marshaller<Frame> {

    @Override
    public InputStream stream(Frame frame) {
        return switch (frame) {
            case Frame.Content(ReplicationFrame content) -> new Outgoing(content);
            case Frame.Unreadable(String why) -> throw new IllegalArgumentException(why);
        };
    }

    @Override
    public Frame parse(InputStream stream) {
        try {
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes(stream)).newCodedInput();
            in.enableAliasing(true);
            ReplicationFrame frame = ReplicationFrame.parseFrom(in);
            in.checkLastTagWas(0);
            return new Frame.Content(frame);
        } catch (InvalidProtocolBufferException e) {
            return new Frame.Unreadable(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The length of a received frame is known: the stream returns it from `available`.
    private static byte[] bytes(InputStream stream) throws IOException {
        return stream instanceof KnownLength ? stream.readNBytes(stream.available()) : stream.readAllBytes();
    }

    /// A frame that is serialized when the connection has a buffer for it.
    private static final class Outgoing extends InputStream implements Drainable, KnownLength {

        private final ReplicationFrame frame;

        /// The rest of the frame, once a caller has started to read it as a stream.
        private InputStream rest = InputStream.nullInputStream();

        private boolean begun;

        Outgoing(ReplicationFrame frame) {
            this.frame = frame;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            if (begun) {
                return (int) rest.transferTo(target);
            }
            begun = true;
            CodedOutputStream out = CodedOutputStream.newInstance(target);
            frame.writeTo(out);
            out.flush();
            return frame.getSerializedSize();
        }

        @Override
        public int available() throws IOException {
            return begun ? rest.available() : frame.getSerializedSize();
        }

        @Override
        public int read() throws IOException {
            begin();
            return rest.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            begin();
            return rest.read(target, offset, length);
        }

        private void begin() {
            if (!begun) {
                begun = true;
                rest = new ByteArrayInputStream(frame.toByteArray());
            }
        }
    }
}
