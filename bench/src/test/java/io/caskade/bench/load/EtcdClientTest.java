package io.caskade.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.caskade.settings.HostPort;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Against a server that keeps records as etcd's protocol has them.
class EtcdClientTest {

    private static final byte[] KEY = "key".getBytes(StandardCharsets.US_ASCII);

    private final Map<String, String> records = new ConcurrentHashMap<>();
    private @Nullable Server server;

    @BeforeEach
    void start() throws Exception {
        server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(ServerServiceDefinition.builder("etcdserverpb.KV")
                        .addMethod(EtcdMessages.PUT, ServerCalls.asyncUnaryCall(this::put))
                        .addMethod(EtcdMessages.RANGE, ServerCalls.asyncUnaryCall(this::range))
                        .build())
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.shutdownNow();
        }
    }

    private void put(byte[] request, StreamObserver<byte[]> answer) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(request);
            in.readTag();
            String key = in.readString();
            in.readTag();
            records.put(key, in.readString());
            answer.onNext(new byte[0]);
            answer.onCompleted();
        } catch (IOException e) {
            answer.onError(Status.INVALID_ARGUMENT.asException());
        }
    }

    private void range(byte[] request, StreamObserver<byte[]> answer) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(request);
            in.readTag();
            boolean found = records.containsKey(in.readString());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeByteArray(1, new byte[] {1, 2, 3});
            if (found) {
                out.writeByteArray(2, KEY);
            }
            out.writeInt64(4, found ? 1 : 0);
            out.flush();
            answer.onNext(bytes.toByteArray());
            answer.onCompleted();
        } catch (IOException e) {
            answer.onError(Status.INVALID_ARGUMENT.asException());
        }
    }

    private EtcdClient client(boolean puts) {
        int port = server == null ? 0 : server.getPort();
        RequestPlan plan = new RequestPlan(puts, true, List.of("value".getBytes(StandardCharsets.US_ASCII)), 0);
        return EtcdClient.open(List.of(new HostPort("127.0.0.1", port)), List.of(KEY), plan);
    }

    @Test
    void recordsAreWrittenAndFound() {
        try (EtcdClient writes = client(true);
                EtcdClient reads = client(false)) {
            assertThat(reads.start(0).handle((_, failure) -> failure).join())
                    .isInstanceOf(FailedReplyException.class)
                    .hasMessage("no such key");

            writes.start(0).join();

            assertThat(records).containsExactly(Map.entry("key", "value"));
            reads.start(1).join();
        }
    }

    @Test
    void anEtcdThatIsGoneIsAFailure() {
        try (EtcdClient reads = client(false)) {
            stop();

            assertThat(reads.start(0).handle((_, failure) -> failure).join()).hasMessage("UNAVAILABLE");
        }
    }
}
