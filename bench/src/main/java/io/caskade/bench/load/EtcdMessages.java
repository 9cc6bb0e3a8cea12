package io.caskade.bench.load;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// The two calls of etcd's gRPC service that a load needs, as bytes. Pure.
final class EtcdMessages {

    private static final String SERVICE = "etcdserverpb.KV";
    private static final int KEY = 1;
    private static final int VALUE = 2;
    private static final int RECORDS = 2;

    /// Reads keys; linearizable, as is etcd's default.
    static final MethodDescriptor<byte[], byte[]> RANGE = method("Range");

    /// Writes a record.
    static final MethodDescriptor<byte[], byte[]> PUT = method("Put");

    private EtcdMessages() {}

    private static MethodDescriptor<byte[], byte[]> method(String name) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
    }

    /// Messages that are written and read elsewhere.
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static byte[] range(byte[] key) {
        return encode(out -> out.writeByteArray(KEY, key));
    }

    static byte[] put(byte[] key, byte[] value) {
        return encode(out -> {
            out.writeByteArray(KEY, key);
            out.writeByteArray(VALUE, value);
        });
    }

    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] encode(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// Whether the answer to [#RANGE] has a record.
    static boolean hasRecord(byte[] answer) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(answer);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == RECORDS) {
                return true;
            }
            in.skipField(tag);
        }
        return false;
    }
}
