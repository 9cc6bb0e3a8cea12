package io.caskade.server.transport;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.caskade.api.v1.CopyMessage;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.replica.Batches;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Encodes and decodes replication messages. Pure.
final class MessageCodec {

    private MessageCodec() {}

    /// @throws IllegalArgumentException when an append carries anything but [RawBatches]
    static CopyMessage encode(int partition, Message message) {
        CopyMessage.Builder wire =
                CopyMessage.newBuilder().setPartition(partition).setEpoch(message.epoch());
        return switch (message) {
            case Message.Heartbeat heartbeat ->
                wire.setHeartbeat(CopyMessage.Heartbeat.newBuilder()
                                .setSentAt(wire(heartbeat.sentAt()))
                                .setLogEnd(heartbeat.logEnd())
                                .setHighWatermark(heartbeat.highWatermark())
                                .setDamaged(heartbeat.damaged()))
                        .build();
            case Message.LeaseGrant grant ->
                wire.setLeaseGrant(CopyMessage.LeaseGrant.newBuilder()
                                .setCopy(wire(grant.copy()))
                                .setSentAt(wire(grant.sentAt()))
                                .setDurationMs(grant.durationMillis())
                                .setLowOnSpace(grant.lowOnSpace()))
                        .build();
            case Message.StaleEpoch _ ->
                wire.setStaleEpoch(CopyMessage.StaleEpoch.getDefaultInstance()).build();
            case Message.StreamOpen open ->
                wire.setStreamOpen(CopyMessage.StreamOpen.newBuilder()
                                .setStreamId(open.streamId())
                                .setCopy(wire(open.copy()))
                                .addAllEpochs(wire(open.epochs()))
                                .setLogEnd(open.logEnd()))
                        .build();
            case Message.StreamOpened opened ->
                wire.setStreamOpened(CopyMessage.StreamOpened.newBuilder()
                                .setStreamId(opened.streamId())
                                .setDivergencePoint(opened.divergencePoint())
                                .addAllEpochs(wire(opened.epochs()))
                                .setRebuild(opened.rebuild()))
                        .build();
            case Message.AppendRecords append ->
                wire.setAppendRecords(CopyMessage.AppendRecords.newBuilder()
                                .setStreamId(append.streamId())
                                .setPreviousSequence(append.previousSequence())
                                .setLastSequence(append.lastSequence())
                                .setHighWatermark(append.highWatermark())
                                .setPurgeHorizon(append.purgeHorizon())
                                .setCompleteAt(append.completeAt())
                                .setLogTime(append.logTime())
                                .setBatches(wire(append.batches())))
                        .build();
            case Message.AppendAck ack ->
                wire.setAppendAck(CopyMessage.AppendAck.newBuilder()
                                .setStreamId(ack.streamId())
                                .setReceivedEnd(ack.receivedEnd())
                                .setAcknowledgedEnd(ack.acknowledgedEnd())
                                .setDiskFull(ack.diskFull())
                                .setStopping(ack.stopping())
                                .setDamaged(ack.damaged()))
                        .build();
            case Message.StreamClosed closed ->
                wire.setStreamClosed(CopyMessage.StreamClosed.newBuilder().setStreamId(closed.streamId()))
                        .build();
            case Message.PreVoteRequest request ->
                wire.setPreVoteRequest(CopyMessage.PreVoteRequest.newBuilder().setRound(request.round()))
                        .build();
            case Message.PreVoteResponse response ->
                wire.setPreVoteResponse(CopyMessage.PreVoteResponse.newBuilder()
                                .setRound(response.round())
                                .setCopy(wire(response.copy()))
                                .setHearsLeader(response.hearsLeader())
                                .setLastEpoch(response.lastEpoch())
                                .setLogEnd(response.logEnd()))
                        .build();
        };
    }

    /// @throws IllegalArgumentException when the message is unknown to this release or malformed
    static Message decode(CopyMessage wire) {
        int epoch = wire.getEpoch();
        return switch (wire.getKindCase()) {
            case HEARTBEAT -> {
                CopyMessage.Heartbeat heartbeat = wire.getHeartbeat();
                yield new Message.Heartbeat(
                        epoch,
                        moment(heartbeat.getSentAt()),
                        heartbeat.getLogEnd(),
                        heartbeat.getHighWatermark(),
                        heartbeat.getDamaged());
            }
            case LEASE_GRANT -> {
                CopyMessage.LeaseGrant grant = wire.getLeaseGrant();
                yield new Message.LeaseGrant(
                        epoch,
                        copy(grant.getCopy()),
                        moment(grant.getSentAt()),
                        grant.getDurationMs(),
                        grant.getLowOnSpace());
            }
            case STALE_EPOCH -> new Message.StaleEpoch(epoch);
            case STREAM_OPEN -> {
                CopyMessage.StreamOpen open = wire.getStreamOpen();
                yield new Message.StreamOpen(
                        epoch,
                        open.getStreamId(),
                        copy(open.getCopy()),
                        epochs(open.getEpochsList()),
                        open.getLogEnd());
            }
            case STREAM_OPENED -> {
                CopyMessage.StreamOpened opened = wire.getStreamOpened();
                yield new Message.StreamOpened(
                        epoch,
                        opened.getStreamId(),
                        opened.getDivergencePoint(),
                        epochs(opened.getEpochsList()),
                        opened.getRebuild());
            }
            case APPEND_RECORDS -> {
                CopyMessage.AppendRecords append = wire.getAppendRecords();
                yield new Message.AppendRecords(
                        epoch,
                        append.getStreamId(),
                        append.getPreviousSequence(),
                        append.getLastSequence(),
                        append.getHighWatermark(),
                        append.getPurgeHorizon(),
                        append.getCompleteAt(),
                        append.getLogTime(),
                        new RawBatches(buffer(append.getBatches())));
            }
            case APPEND_ACK -> {
                CopyMessage.AppendAck ack = wire.getAppendAck();
                yield new Message.AppendAck(
                        epoch,
                        ack.getStreamId(),
                        ack.getReceivedEnd(),
                        ack.getAcknowledgedEnd(),
                        ack.getDiskFull(),
                        ack.getStopping(),
                        ack.getDamaged());
            }
            case STREAM_CLOSED ->
                new Message.StreamClosed(epoch, wire.getStreamClosed().getStreamId());
            case PRE_VOTE_REQUEST ->
                new Message.PreVoteRequest(epoch, wire.getPreVoteRequest().getRound());
            case PRE_VOTE_RESPONSE -> {
                CopyMessage.PreVoteResponse response = wire.getPreVoteResponse();
                yield new Message.PreVoteResponse(
                        epoch,
                        response.getRound(),
                        copy(response.getCopy()),
                        response.getHearsLeader(),
                        response.getLastEpoch(),
                        response.getLogEnd());
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("unknown message type");
        };
    }

    private static CopyMessage.ClockReading wire(ClockReading moment) {
        return CopyMessage.ClockReading.newBuilder()
                .setMonotonicMs(moment.monotonic())
                .setWallMs(moment.wall())
                .build();
    }

    private static ClockReading moment(CopyMessage.ClockReading wire) {
        return new ClockReading(wire.getMonotonicMs(), wire.getWallMs());
    }

    private static io.caskade.api.v1.CopyId wire(CopyId copy) {
        return io.caskade.api.v1.CopyId.newBuilder()
                .setNode(copy.node())
                .setCopy(copy.copy())
                .build();
    }

    private static CopyId copy(io.caskade.api.v1.CopyId wire) {
        return new CopyId(wire.getNode(), wire.getCopy());
    }

    private static List<CopyMessage.Epoch> wire(EpochHistory epochs) {
        return epochs.starts().stream()
                .map(start -> CopyMessage.Epoch.newBuilder()
                        .setEpoch(start.epoch())
                        .setFirstSequence(start.sequence())
                        .build())
                .toList();
    }

    private static EpochHistory epochs(List<CopyMessage.Epoch> wire) {
        return new EpochHistory(wire.stream()
                .map(epoch -> new EpochHistory.Start(epoch.getEpoch(), epoch.getFirstSequence()))
                .toList());
    }

    private static ByteString wire(Batches batches) {
        if (batches instanceof RawBatches(ByteBuffer content)) {
            return UnsafeByteOperations.unsafeWrap(content);
        }
        throw new IllegalArgumentException("unexpected batches type: " + batches.getClass());
    }

    /// The bytes without a copy, in the array of their frame: nothing else uses it.
    private static ByteBuffer buffer(ByteString batches) {
        Pieces pieces = new Pieces();
        try {
            UnsafeByteOperations.unsafeWriteTo(batches, pieces);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pieces.whole;
    }

    /// Extracts the array of a byte string.
    private static final class Pieces extends ByteOutput {

        private ByteBuffer whole = ByteBuffer.allocate(0);

        @Override
        public void write(byte value) {
            writeLazy(new byte[] {value}, 0, 1);
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            writeLazy(value, offset, length);
        }

        @Override
        public void write(ByteBuffer value) {
            writeLazy(value);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            writeLazy(ByteBuffer.wrap(value, offset, length));
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            if (!whole.hasRemaining()) {
                whole = value.slice();
                return;
            }
            ByteBuffer both = ByteBuffer.allocate(whole.remaining() + value.remaining());
            whole = both.put(whole).put(value.slice()).flip();
        }
    }
}
