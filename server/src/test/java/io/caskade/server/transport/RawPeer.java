package io.caskade.server.transport;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// A node that dials, does what no node does, and takes no frame that it has not asked for.
final class RawPeer extends ClientCall.Listener<byte[]> implements AutoCloseable {

    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static final long BEAT_MILLIS = 100;

    private final ScheduledExecutorService heart =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
    private final ManagedChannel channel;
    private final ClientCall<byte[], byte[]> call;
    private final List<byte[]> frames = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Status> closed = new CompletableFuture<>();

    RawPeer(int port, TrafficClass trafficClass) {
        this.channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        this.call = channel.newCall(
                ReplicationMethods.of(trafficClass).toBuilder(BYTES, BYTES).build(), CallOptions.DEFAULT);
        call.start(this, new Metadata());
    }

    synchronized void send(byte[] frame) {
        call.sendMessage(frame);
    }

    /// Sends an empty frame ten times a second, as long as the peer is open.
    void beat() {
        Future<?> _ =
                heart.scheduleAtFixedRate(() -> send(new byte[0]), BEAT_MILLIS, BEAT_MILLIS, TimeUnit.MILLISECONDS);
    }

    void ask(int frameCount) {
        call.request(frameCount);
    }

    List<byte[]> frames() {
        return frames;
    }

    CompletableFuture<Status> closed() {
        return closed;
    }

    @Override
    public void onMessage(byte[] frame) {
        frames.add(frame);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        closed.complete(status);
    }

    @Override
    public void close() {
        heart.shutdownNow();
        channel.shutdownNow();
    }
}
