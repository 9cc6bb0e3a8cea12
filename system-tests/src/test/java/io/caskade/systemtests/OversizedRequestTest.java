package io.caskade.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.caskade.api.MessageLimits;
import io.caskade.api.v1.KeyValueGrpc;
import io.caskade.api.v1.PutRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What other clients than ours may send.
class OversizedRequestTest {

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aRequestThatIsTooLargeIsRefusedWithoutANoiseInTheLog() throws Exception {
        StandaloneFiles files = StandaloneFiles.in(directory);
        try (NodeProcess node = files.start()) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", files.grpcPort())
                    .usePlaintext()
                    .build();
            try {
                KeyValueGrpc.KeyValueBlockingStub stub = KeyValueGrpc.newBlockingStub(channel);
                PutRequest large = PutRequest.newBuilder()
                        .setKey(ByteString.copyFromUtf8("key"))
                        .setValue(UnsafeByteOperations.unsafeWrap(new byte[MessageLimits.MAX_REQUEST_BYTES + 1]))
                        .build();

                assertThatThrownBy(() -> stub.put(large))
                        .isInstanceOfSatisfying(
                                StatusRuntimeException.class,
                                e -> assertThat(e.getStatus().getCode())
                                        .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED));

                assertThat(stub.put(large.toBuilder().clearValue().build()).getApplied())
                        .isTrue();
            } finally {
                channel.shutdownNow();
            }
            assertThat(node.terminate()).isZero();
            assertThat(node.logged()).doesNotContain("\tat ");
        }
    }
}
